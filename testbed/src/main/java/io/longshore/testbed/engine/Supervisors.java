package io.longshore.testbed.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The supervisors of containers, found by name: {@code longshore-supervisor} and the container's id. */
public final class Supervisors {
    private static final String NAME = "longshore-supervisor";

    private Supervisors() {}

    /** A supervisor's process and the container it is for. */
    public record Supervisor(long pid, String container) {}

    /** Those that are left of a Longshore without containers after ten seconds at most: they end a moment after what they run. */
    static List<Supervisor> awaitNone(String cgroup) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        List<Supervisor> left = of(cgroup);
        while (!left.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(50_000_000);
            left = of(cgroup);
        }
        return left;
    }

    /** All on this machine. */
    private static List<Supervisor> all() {
        List<Supervisor> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            processes
                    .filter(path -> path.getFileName().toString().chars().allMatch(Character::isDigit))
                    .mapToLong(path -> Long.parseLong(path.getFileName().toString()))
                    .forEach(pid -> {
                        String[] words = read(pid, "cmdline").split("\0");
                        if (words.length > 1 && words[0].equals(NAME)) {
                            found.add(new Supervisor(pid, words[1]));
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // What a container is to be goes by its supervisor's name until it executes what it is.
        Map<Long, String> ids =
                found.stream().collect(Collectors.toMap(Supervisor::pid, Supervisor::container, (one, other) -> one));
        return found.stream()
                .filter(one -> !one.container().equals(ids.get(parent(one.pid()))))
                .toList();
    }

    private static long parent(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(ProcessHandle::parent)
                .map(ProcessHandle::pid)
                .orElse(0L);
    }

    /** Those of the Longshore whose containers have their cgroups under this one, whether it still knows them or not. */
    public static List<Supervisor> of(String cgroup) {
        return all().stream()
                .filter(supervisor -> read(supervisor.pid(), "cgroup")
                        .lines()
                        .anyMatch(line -> line.contains(":" + cgroup + "/") || line.endsWith(":" + cgroup)))
                .toList();
    }

    /** Ends the ones that are left, for a test that failed; a supervisor's end ends its container. */
    static void kill(String cgroup) {
        of(cgroup).forEach(Supervisors::kill);
    }

    /** The same for one container. */
    static void kill(String cgroup, String container) {
        of(cgroup).stream().filter(one -> one.container().equals(container)).forEach(Supervisors::kill);
    }

    private static void kill(Supervisor supervisor) {
        ProcessHandle.of(supervisor.pid()).ifPresent(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Ended.await(process);
        });
    }

    /** A file of a process; empty once it has ended. */
    private static String read(long pid, String file) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc/" + pid, file)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
