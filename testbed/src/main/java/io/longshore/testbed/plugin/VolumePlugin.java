package io.longshore.testbed.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A volume plugin that runs as a process of its own and speaks Docker's protocol on a unix socket. Its volumes are directories, which
 * outlive the process; what it was called for is known here.
 */
public final class VolumePlugin implements AutoCloseable {
    private final Path socket;
    private final Path home;
    private final Path volumes;
    private Process process;

    private VolumePlugin(Path socket, Path home, Path volumes) throws IOException {
        this.socket = socket;
        this.home = home;
        this.volumes = volumes;
        this.process = begin();
    }

    /**
     * Starts it, and waits until it listens.
     *
     * @param socket is made
     * @param home where it keeps everything but volumes; made if it is missing
     * @param volumes where it has volumes; made if it is missing
     */
    public static VolumePlugin start(Path socket, Path home, Path volumes) {
        try {
            Files.createDirectories(volumes);
            Files.createDirectories(home.resolve("options"));
            Files.createDirectories(home.resolve("answers"));
            return new VolumePlugin(socket, home, volumes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a volume plugin at " + socket, e);
        }
    }

    private Process begin() throws IOException {
        Path classes = Path.of(VolumePlugin.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        Process started = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classes.toString(),
                        VolumePluginProcess.class.getName(),
                        socket.toString(),
                        home.toString(),
                        volumes.toString())
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(home.resolve("errors").toFile()))
                .start();
        if (!"ready".equals(started.inputReader().readLine())) {
            started.destroyForcibly();
            throw new IOException("the plugin did not start: " + Files.readString(home.resolve("errors")));
        }
        return started;
    }

    /** Where its volumes are. */
    public Path volumes() {
        return volumes;
    }

    /** The options that a volume was made with, as they came. */
    public String options(String volume) {
        return read(home.resolve("options").resolve(volume));
    }

    /** What it was called for so far: the method's name, then {@code Name=VALUE} of each field of the call that is a text. */
    public List<String> calls() {
        Path calls = home.resolve("calls");
        return Files.exists(calls) ? read(calls).lines().toList() : List.of();
    }

    /** The calls of one method, without its name. */
    public List<String> calls(String method) {
        return calls().stream()
                .filter(call -> call.equals(method) || call.startsWith(method + " "))
                .map(call -> call.substring(method.length()).strip())
                .toList();
    }

    /**
     * From now on the method has this answer: a body; a whole answer that begins with {@code HTTP/}; {@code hang} for none ever,
     * {@code hang up} for the end of the connection; {@code endless body} or {@code endless head} for one without an end.
     */
    public void answers(String method, String answer) {
        try {
            Path made = Files.writeString(home.resolve("next"), answer);
            Files.move(made, home.resolve("answers").resolve(method), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on the method does what it should. */
    public void answersWell(String method) {
        try {
            Files.deleteIfExists(home.resolve("answers").resolve(method));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on all methods do what they should, and no call is known; volumes stay. */
    public void forget() {
        try {
            Files.deleteIfExists(home.resolve("calls"));
            try (Stream<Path> answers = Files.list(home.resolve("answers"))) {
                for (Path answer : answers.toList()) {
                    Files.delete(answer);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the process as SIGKILL does; its socket stays and nobody listens. */
    public void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the plugin does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts it again after {@link #kill}. */
    public void restart() {
        try {
            process = begin();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it and takes its socket away; its directory is the caller's. */
    @Override
    public void close() {
        kill();
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
