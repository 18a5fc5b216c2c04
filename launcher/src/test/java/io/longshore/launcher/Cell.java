package io.longshore.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A shell in a mount namespace where Longshore's default paths are empty directories of the test's own, so that commands can be typed
 * as the README has them beside any other Longshore of this machine. Closing ends all that runs in it and removes the directories.
 */
final class Cell implements AutoCloseable {
    /** What the tour and the launcher write to, and what it is in the cell: a directory of this name in the cell's own. */
    private static final Map<String, String> PLACES = places();

    private static final String HELD = "/var/tmp";

    private final Path directory;
    private final Path clone;
    private final String cgroup = "longshore-tour-" + ProcessHandle.current().pid();
    private final List<Path> made = new ArrayList<>();
    private final Process shell;
    private final LinkedBlockingQueue<Integer> statuses = new LinkedBlockingQueue<>();

    /** Opens one whose shell stands in {@code clone}, a directory that {@link #directory} will hold. */
    Cell() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("longshore-tour-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        clone = directory.resolve("clone");
        CleanClone.make(clone);
        for (Map.Entry<String, String> place : PLACES.entrySet()) {
            makeClosed(directory.resolve(place.getValue()));
            makePoint(Path.of(place.getKey()));
        }
        Files.setPosixFilePermissions(own(HELD), PosixFilePermissions.fromString("rwxrwxrwx"));
        // As mkdir would make it: it becomes the root directory of the tour's image, which other users must get
        // through.
        Files.setPosixFilePermissions(own("/tmp/busybox"), PosixFilePermissions.fromString("rwxr-xr-x"));
        shell = start("unshare", "--mount", "--propagation", "private", "bash");
        Thread.ofPlatform().daemon().name("cell").start(this::readStatuses);
        PLACES.forEach((place, name) ->
                run("mount --bind " + directory.resolve(name) + " " + place).ok());
        run("cd " + clone).ok();
    }

    private static Map<String, String> places() {
        Map<String, String> places = new LinkedHashMap<>();
        places.put("/run/longshore", "run");
        places.put("/run/longshore-agent", "agent");
        places.put("/var/lib/longshore", "lib");
        places.put("/etc/longshore", "etc");
        places.put("/tmp/busybox", "busybox");
        places.put(HELD, "held");
        return places;
    }

    /** Where Longshore is cloned to. */
    Path project() {
        return clone;
    }

    /** A directory for files of a test's own, removed with the cell. */
    Path directory() {
        return directory;
    }

    /** What a place of the cell, such as {@code /run/longshore}, is outside. */
    Path own(String place) {
        return directory.resolve(PLACES.getOrDefault(place, "nowhere"));
    }

    /** The cgroups of its Longshore in every hierarchy (v1, hybrid or v2), each before the one that it is in. */
    List<Path> cgroups() {
        String regex = ".*/" + cgroup + "\\(/.*\\)?";
        return output("find", "/sys/fs/cgroup", "-depth", "-ignore_readdir_race", "-type", "d", "-regex", regex)
                .lines()
                .map(Path::of)
                .toList();
    }

    /** Their last processes may take a moment to be gone. */
    private void removeCgroups() {
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        List<Path> left = cgroups();
        while (!left.isEmpty() && System.nanoTime() < end) {
            left.forEach(directory -> directory.toFile().delete());
            LockSupport.parkNanos(20_000_000);
            left = cgroups();
        }
        if (!left.isEmpty()) {
            throw new IllegalStateException("cgroups that cannot be removed: " + left);
        }
    }

    /** What a program outside of the cell says; one that fails, or has not ended after two minutes, is an error. */
    private static String output(String... words) {
        List<String> command = new ArrayList<>(List.of("timeout", "120"));
        command.addAll(List.of(words));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + ": " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Types a line, and waits for its end; three minutes are enough for all but a build, on a busy machine too. */
    Said run(String line) {
        return run(line, Duration.ofMinutes(3));
    }

    /** Types a line, and waits for its end. What it leaves running in the background does not count. */
    synchronized Said run(String line, Duration atMost) {
        try {
            Path typed = Files.writeString(directory.resolve("line"), line + "\n");
            Path out = directory.resolve("out");
            Path err = directory.resolve("err");
            String command = "source " + typed + " >" + out + " 2>" + err + " </dev/null; echo $?\n";
            shell.getOutputStream().write(command.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            shell.getOutputStream().flush();
            Integer status = statuses.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
            Said said = new Said(line, status == null ? -1 : status, Files.readString(out), Files.readString(err));
            if (status == null) {
                throw new AssertionError("not over after " + atMost + ": " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException("the shell does not take: " + line, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted in: " + line, e);
        }
    }

    /** Starts a command that stays in the foreground, as the leader of a process group, in the clone. */
    Process foreground(Path output, String command) throws IOException {
        // Whoever runs the tests in the background of a script has made SIGINT ignored, which children inherit.
        List<String> words = List.of(
                "nsenter",
                "--mount=/proc/" + shell.pid() + "/ns/mnt",
                "env",
                "--default-signal=INT",
                "setsid",
                "bash",
                "-c",
                "cd " + clone + " && exec " + command);
        return builder(words)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private Process start(String... words) throws IOException {
        return builder(Arrays.asList(words)).redirectErrorStream(true).start();
    }

    private ProcessBuilder builder(List<String> words) {
        ProcessBuilder builder = new ProcessBuilder(words);
        Map<String, String> environment = builder.environment();
        Set.copyOf(environment.keySet()).stream()
                .filter(name ->
                        name.startsWith("LONGSHORE_") || name.startsWith("DOCKER_") || name.startsWith("MAVEN_"))
                .forEach(environment::remove);
        environment.remove("JAVA_HOME");
        environment.put("LONGSHORE_AGENT_CGROUPROOT", "/" + cgroup);
        return builder;
    }

    private void readStatuses() {
        try (BufferedReader reader = shell.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                statuses.add(Integer.parseInt(line.strip()));
            }
        } catch (IOException e) {
            // The shell has ended: a line that waits for its status says so.
        }
    }

    /** Everything that runs in the cell but its shell: what it mounts for them is the cell's directory. By process id, with the name. */
    Map<Long, String> processes() {
        Map<Long, String> found = new LinkedHashMap<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.filter(path ->
                            Character.isDigit(path.getFileName().toString().charAt(0)))
                    .toList()) {
                long pid = Long.parseLong(process.getFileName().toString());
                if (pid != shell.pid() && read(process.resolve("mountinfo")).contains(mark())) {
                    found.put(pid, read(process.resolve("cmdline")).replace('\0', ' '));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** Mounts of the cell that the machine sees. */
    List<String> mountsOutside() {
        return read(Path.of("/proc/self/mountinfo"))
                .lines()
                .filter(line -> line.contains(mark()))
                .toList();
    }

    private String mark() {
        return String.valueOf(directory.getFileName());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // a process that ended meanwhile
        }
    }

    private static void makeClosed(Path path) throws IOException {
        Files.createDirectory(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-x---"));
    }

    /** A mount needs a directory to be on; removed in the end, unless somebody has put something in. */
    private void makePoint(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            makeClosed(path);
            made.add(path);
        }
    }

    /** What is in a place of the cell. */
    Set<String> names(String place) {
        try (Stream<Path> entries = Files.list(own(place))) {
            Set<String> names = new TreeSet<>();
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that is below one of them and no directory. */
    List<Path> files(String place) {
        try (Stream<Path> entries = Files.walk(own(place))) {
            return entries.filter(entry -> !Files.isDirectory(entry)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        processes().keySet().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        shell.destroyForcibly();
        for (Path path : made) {
            path.toFile().delete();
        }
        try {
            removeCgroups();
        } finally {
            output("rm", "-rf", "--one-file-system", directory.toString());
        }
    }
}
