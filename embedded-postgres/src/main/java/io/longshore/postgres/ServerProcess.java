package io.longshore.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the server. What it says goes to the log {@code postgres}. Thread-safe. */
final class ServerProcess {
    private static final Logger LOG = LoggerFactory.getLogger("postgres");
    private static final String READY = "database system is ready to accept connections";
    private static final int LINES_KEPT = 20;
    private static final int LONGEST_LINE = 4096;

    private final Process process;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final Deque<String> said = new ArrayDeque<>();

    private ServerProcess(Process process) {
        this.process = process;
    }

    /** The kernel ends the server with the thread that started it, so that thread lives as long as the server. */
    static ServerProcess launch(PostgresSettings settings, Path home) {
        CompletableFuture<ServerProcess> launched = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("postgres").start(() -> {
            try {
                ServerProcess server = new ServerProcess(
                        builder(settings, command(settings, home)).start());
                launched.complete(server);
                server.follow();
            } catch (IOException e) {
                launched.completeExceptionally(e);
            }
        });
        try {
            return launched.join();
        } catch (CompletionException e) {
            throw new PostgresFailure("cannot run PostgreSQL: " + e.getMessage(), e);
        }
    }

    private static List<String> command(PostgresSettings settings, Path home) {
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin/postgres").toString(), "-D", settings.data().toString()));
        for (String option : settings.options()) {
            command.add("-c");
            command.add(option);
        }
        return command;
    }

    /** A program of PostgreSQL's, as its user. */
    static ProcessBuilder builder(PostgresSettings settings, List<String> program) {
        ProcessBuilder builder = new ProcessBuilder(OsUser.command(settings.user(), program))
                .directory(settings.directory().toFile())
                .redirectErrorStream(true);
        // The JVM's environment may hold what a database should not know.
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder;
    }

    private void follow() throws IOException {
        try (Reader text =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int next = text.read(); next >= 0; next = text.read()) {
                if (next != '\n') {
                    line.append((char) next);
                }
                if (next == '\n' || line.length() == LONGEST_LINE) {
                    heard(line.toString());
                    line.setLength(0);
                }
            }
        } finally {
            ready.complete(false);
        }
    }

    private void heard(String line) {
        LOG.info("{}", line);
        synchronized (said) {
            said.addLast(line);
            if (said.size() > LINES_KEPT) {
                said.removeFirst();
            }
        }
        if (line.endsWith(READY)) {
            ready.complete(true);
        }
    }

    /** Waits until the server accepts connections; false when it ended or the time is over. */
    boolean ready(Duration limit) {
        try {
            return ready.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresFailure("interrupted while waiting for PostgreSQL", e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Waits for the end, which may be years away, and gives the exit status. */
    int ended() throws InterruptedException {
        return process.waitFor();
    }

    /** The last lines that it said. */
    String said() {
        synchronized (said) {
            return said.isEmpty() ? "it said nothing" : String.join("; ", said);
        }
    }
}
