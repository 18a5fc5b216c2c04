package io.longshore.acceptance.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The supervisors of containers, found by name: {@code longshore-supervisor} and the container's id. */
public final class Supervisors {
    private static final String NAME = "longshore-supervisor";

    private Supervisors() {}

    /** A supervisor's process and the container it is for. */
    public record Supervisor(long pid, String container) {}

    /** All on this machine. */
    public static List<Supervisor> all() {
        List<Supervisor> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            processes
                    .filter(path -> path.getFileName().toString().chars().allMatch(Character::isDigit))
                    .forEach(path -> {
                        String[] words = commandLine(path).split("\0");
                        if (words.length > 1 && words[0].equals(NAME)) {
                            found.add(new Supervisor(
                                    Long.parseLong(path.getFileName().toString()), words[1]));
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** Those of the containers of the given Longshore, by the directories that its agent keeps. */
    public static List<Supervisor> of(Path workDirectory) {
        return all().stream()
                .filter(supervisor ->
                        Files.isDirectory(workDirectory.resolve("containers").resolve(supervisor.container())))
                .toList();
    }

    /** Ends the ones left below a root, for a test that failed; a supervisor's end ends its container. */
    static void kill(Path root) {
        for (Supervisor supervisor : of(root.resolve("work"))) {
            ProcessHandle.of(supervisor.pid()).ifPresent(process -> {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                Ended.await(process);
            });
        }
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
