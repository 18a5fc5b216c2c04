package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A command that runs; its output is collected as it comes. Closing kills it if it still runs. */
final class Started implements AutoCloseable {
    private final String command;
    private final Process process;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Thread outReader;
    private final Thread errReader;

    Started(String command, Process process) {
        this.command = command;
        this.process = process;
        this.outReader = Thread.ofVirtual().start(() -> copy(process.getInputStream(), out));
        this.errReader = Thread.ofVirtual().start(() -> copy(process.getErrorStream(), err));
    }

    void send(byte[] input) {
        if (input.length == 0) {
            return;
        }
        try {
            process.getOutputStream().write(input);
            process.getOutputStream().flush();
        } catch (IOException e) {
            // The command does not read (any more): what it says and its exit code tell why.
        }
    }

    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // As in send.
        }
    }

    /** What has come on standard output so far. */
    String soFar() {
        return text(out);
    }

    /** Waits until standard output has the text. */
    Started awaitOutput(String part) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!soFar().contains(part) && System.nanoTime() < end && (process.isAlive() || outReader.isAlive())) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(soFar())
                .as("output of 'docker %s' so far; errors: %s", command, text(err))
                .contains(part);
        return this;
    }

    boolean running() {
        return process.isAlive();
    }

    /** SIGTERM. Not {@link Process#destroy}, which closes the streams as well. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** As Ctrl-C does; for what {@link Docker#startInterruptible} started. */
    void interrupt() {
        try {
            new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Outcome await(Duration atMost) {
        try {
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("'docker " + command + "' does not end within " + atMost + "; output: "
                        + text(out) + "; errors: " + text(err));
            }
            outReader.join();
            errReader.join();
            return new Outcome(command, process.exitValue(), text(out), text(err));
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while 'docker " + command + "' runs", e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static void copy(InputStream from, ByteArrayOutputStream to) {
        byte[] buffer = new byte[8192];
        try {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                synchronized (to) {
                    to.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            if (e.getMessage() == null || !e.getMessage().contains("Stream closed")) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String text(ByteArrayOutputStream bytes) {
        synchronized (bytes) {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
