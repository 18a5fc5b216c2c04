package io.longshore.testbed.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program without input that has run to its end.
 *
 * @param code its exit code
 */
public record Program(List<String> command, int code, String out, String errors) {
    private static final Duration DEADLINE = Duration.ofMinutes(1);

    /** Runs it; an {@link IllegalStateException} if it has not ended after a minute, when it is killed. */
    public static Program run(String... command) {
        return run(List.of(command));
    }

    /** {@link #run(String...)} with the words in a list. */
    public static Program run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).start();
            try {
                process.getOutputStream().close();
                // Beside the wait: a pipe that is full holds a program up, and one that hangs closes none.
                CompletableFuture<String> out = read(process.getInputStream());
                CompletableFuture<String> errors = read(process.getErrorStream());
                if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException(command + " does not end within " + DEADLINE);
                }
                return new Program(command, process.exitValue(), out.join(), errors.join());
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + command, e);
        }
    }

    private static CompletableFuture<String> read(InputStream stream) {
        CompletableFuture<String> all = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                all.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                all.completeExceptionally(e);
            }
        });
        // What it has started may outlive it and hold its pipes.
        return all.orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    /** An {@link IllegalStateException} with what it said unless it ended with 0. */
    public Program ok() {
        if (code != 0) {
            throw new IllegalStateException(command + " ended with " + code + ": " + out + errors);
        }
        return this;
    }
}
