package io.longshore.vm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A machine of qemu, emulated (nested virtualisation is not everywhere), with two processors and no network. It boots from an image that
 * is made once, whose changes are forgotten, and has a second disk for what goes in and comes out.
 */
final class Machine {
    private static final Duration BUILD_DEADLINE = Duration.ofMinutes(5);
    private static final Duration TOOL_DEADLINE = Duration.ofMinutes(1);
    private static final int MEMORY_MEGABYTES = 2560;
    /** Of a console that is shown. */
    private static final int LAST_LINES = 60;

    private final Path image;
    private final Path work;

    private Machine(Path image, Path work) {
        this.image = image;
        this.work = work;
    }

    /**
     * The one that those scripts make, which takes a minute the first time.
     *
     * @param scripts the directory with build-machine and what it needs
     * @param directory where it is kept, and where runs have their files
     */
    static Machine built(Path scripts, Path directory) throws IOException, InterruptedException {
        Path jdk = Path.of(System.getProperty("java.home"));
        Path image = directory.resolve("machine-" + key(scripts, jdk));
        if (!Files.isDirectory(image)) {
            Files.createDirectories(directory);
            run(
                    directory.resolve("build-machine.log"),
                    BUILD_DEADLINE,
                    List.of(scripts.resolve("build-machine").toString(), image.toString(), jdk.toString()));
        }
        return new Machine(image, directory);
    }

    private static String key(Path scripts, Path jdk) throws IOException {
        try (Stream<Path> files = Files.list(scripts)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : Stream.concat(
                            files.sorted(), Stream.of(jdk.resolve("release"), Path.of("/etc/os-release")))
                    .toList()) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What it printed. */
    Path console() {
        return work.resolve("console.log");
    }

    /**
     * Boots, runs the JVM on the arguments, and powers off. Fails with the end of the console if that takes too long, or if the JVM fails.
     *
     * @param data becomes /data there, writable; has a file {@code arguments} for the JVM
     * @param output a file that is in /data when the JVM has ended
     * @return the bytes of that file
     */
    byte[] run(Path data, String output, Duration deadline) throws IOException, InterruptedException {
        Path disk = work.resolve("data.ext4");
        Files.deleteIfExists(disk);
        run(
                work.resolve("mke2fs.log"),
                TOOL_DEADLINE,
                List.of(
                        "mke2fs",
                        "-q",
                        "-t",
                        "ext4",
                        "-O",
                        "^has_journal",
                        "-d",
                        data.toString(),
                        disk.toString(),
                        "1G"));
        try {
            List<String> qemu =
                    new ArrayList<>(List.of("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"));
            qemu.addAll(
                    List.of("-smp", "2", "-m", Integer.toString(MEMORY_MEGABYTES), "-display", "none", "-no-reboot"));
            qemu.addAll(List.of("-serial", "stdio", "-monitor", "none", "-nic", "none"));
            qemu.addAll(List.of("-kernel", image.resolve("vmlinuz").toString()));
            qemu.addAll(List.of("-initrd", image.resolve("initrd").toString()));
            // A panic ends it at once.
            // Whether the timer ticks is tried in real time at the start, which on a busy machine says no; a kernel on
            // KVM does not try either.
            qemu.addAll(List.of(
                    "-append", "console=ttyS0 loglevel=4 panic=-1 no_timer_check apparmor=1 security=apparmor"));
            qemu.addAll(List.of("-drive", drive(image.resolve("root.ext4"), "snapshot=on")));
            qemu.addAll(List.of("-drive", drive(disk, "cache=unsafe")));
            run(console(), deadline, qemu);
            if (!new String(read(disk, "status"), StandardCharsets.UTF_8).equals("status 0\n")) {
                throw new IOException("the JVM in the machine failed; " + end(console()));
            }
            return read(disk, output);
        } finally {
            Files.deleteIfExists(disk);
        }
    }

    private static String drive(Path file, String option) {
        return "file=" + file + ",format=raw,if=virtio," + option;
    }

    private byte[] read(Path disk, String file) throws IOException, InterruptedException {
        Path copy = Files.createTempFile(work, "copy", "");
        try {
            run(
                    work.resolve("debugfs.log"),
                    TOOL_DEADLINE,
                    List.of("debugfs", "-R", "dump /" + file + " " + copy, disk.toString()));
            return Files.readAllBytes(copy);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private static void run(Path log, Duration deadline, List<String> command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        command.getFirst() + " takes more than " + deadline.toSeconds() + " s; " + end(log));
            }
            if (process.exitValue() != 0) {
                throw new IOException(command.getFirst() + " exited with " + process.exitValue() + "; " + end(log));
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static String end(Path log) throws IOException {
        try (InputStream in = Files.newInputStream(log)) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList();
            return "the end of " + log + ":\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        }
    }
}
