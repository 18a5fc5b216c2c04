package io.longshore.postgres;

import io.longshore.postgres.socket.UnixSocketFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server. It listens on a unix socket in a directory that only its own user and root may enter, on no network, and lets
 * nobody in without a password (scram-sha-256). When it ends by itself it is started again, on the same socket and with the same
 * passwords. It is stopped by {@link #close}, and by the kernel when the JVM ends in any other way. Thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    /** In a row; one that ran for longer than {@link #STEADY} begins a new row. */
    private static final int MOST_RESTARTS = 5;

    private static final Duration STEADY = Duration.ofMinutes(1);
    /** Before the first restart, and twice as much before each that follows. */
    private static final long PAUSE_MILLIS = 100;

    private final PostgresSettings settings;
    private final Path home;
    private final String password;
    private final CompletableFuture<PostgresFailure> failure = new CompletableFuture<>();
    private final Object lock = new Object();
    private @Nullable ServerProcess running;
    private boolean closed;
    /** In a row; of the watching thread alone. */
    private int restarts;

    private EmbeddedPostgres(PostgresSettings settings, Path home, String password) {
        this.settings = settings;
        this.home = home;
        this.password = password;
    }

    /** Unpacks and makes what is missing, without starting the server. */
    public static void prepare(PostgresSettings settings) {
        DataDirectory.prepare(settings, PostgresBinaries.unpack(settings));
    }

    /** Copies the data and the superuser's password of a server that is prepared and does not run to a directory that has none. */
    public static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to);
            Trees.copy(from.resolve(PostgresSettings.DATA), to.resolve(PostgresSettings.DATA));
            Trees.copy(from.resolve(PostgresSettings.PASSWORD), to.resolve(PostgresSettings.PASSWORD));
        } catch (IOException e) {
            throw new PostgresFailure("cannot copy the database in " + from + " to " + to + ": " + e, e);
        }
    }

    /** Removes all that {@link PostgresSettings#directory} holds, itself included; the server must not run. */
    public static void delete(PostgresSettings settings) {
        try {
            Trees.delete(settings.directory());
        } catch (IOException e) {
            throw new PostgresFailure("cannot remove " + settings.directory() + ": " + e, e);
        }
    }

    /**
     * Renames the data, since what it holds lives at another server from now on: no server starts on it, and none makes new data in its
     * place, before somebody has renamed it back. A server that was left behind is stopped first. Does nothing where there is no data.
     */
    public static void setAside(PostgresSettings settings) {
        if (!Files.exists(settings.data())) {
            return;
        }
        Postmaster.stopLeftover(settings);
        try {
            DataDirectory.setAside(settings);
        } catch (IOException e) {
            throw new PostgresFailure(
                    "cannot rename " + settings.data() + " to " + settings.asideData() + ": " + e
                            + "; what it holds was moved to another server, so it is not to be started again",
                    e);
        }
    }

    /**
     * Starts the server and returns when it accepts connections. One that an earlier JVM left behind on the same directory is
     * stopped first.
     *
     * @throws PostgresFailure with a message for the operator
     */
    public static EmbeddedPostgres start(PostgresSettings settings) {
        Postmaster.stopLeftover(settings);
        Path home = PostgresBinaries.unpack(settings);
        DataDirectory.prepare(settings, home);
        EmbeddedPostgres postgres = new EmbeddedPostgres(settings, home, DataDirectory.superuserPassword(settings));
        ServerProcess first = postgres.run();
        Thread.ofPlatform().daemon().name("postgres-watch").start(() -> postgres.keepRunning(first));
        return postgres;
    }

    /** Starts the server's process and waits until it accepts connections. */
    private ServerProcess run() {
        Instant end = Instant.now().plus(settings.deadline());
        while (true) {
            ServerProcess server = launch();
            if (server.ready(Duration.between(Instant.now(), end))) {
                return server;
            }
            if (server.alive()) {
                Postmaster.stop(settings, server.pid());
            }
            // Right after a kill -9, processes of the old server may hold its lock file or memory for another moment.
            if (!passing(server.said()) || Instant.now().isAfter(end)) {
                throw new PostgresFailure("PostgreSQL on " + settings.data() + " did not start: " + server.said());
            }
            Postmaster.pause(PAUSE_MILLIS);
        }
    }

    private static boolean passing(String reason) {
        return reason.contains("lock file \"postmaster.pid\" already exists")
                || reason.contains("pre-existing shared memory block");
    }

    private ServerProcess launch() {
        synchronized (lock) {
            if (closed) {
                throw new PostgresFailure("PostgreSQL on " + settings.data() + " is being stopped");
            }
            ServerProcess server = ServerProcess.launch(settings, home);
            running = server;
            return server;
        }
    }

    private void keepRunning(ServerProcess first) {
        ServerProcess server = first;
        try {
            while (server != null) {
                Instant began = Instant.now();
                int status = server.ended();
                if (Instant.now().isAfter(began.plus(STEADY))) {
                    restarts = 0;
                }
                server = isClosed()
                        ? null
                        : runAgain("process " + server.pid() + " ended with status " + status + ": " + server.said());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts it again; null when it is being closed, or is given up. */
    private @Nullable ServerProcess runAgain(String ended) {
        String reason = ended;
        while (restarts < MOST_RESTARTS) {
            LOG.error("PostgreSQL on {} is started again, {}", settings.data(), reason);
            Postmaster.pause(PAUSE_MILLIS << restarts++);
            try {
                ServerProcess again = run();
                LOG.warn("PostgreSQL runs again as process {}", again.pid());
                return again;
            } catch (PostgresFailure e) {
                if (isClosed()) {
                    return null;
                }
                reason = String.valueOf(e.getMessage());
            }
        }
        failure.complete(new PostgresFailure("PostgreSQL on " + settings.data() + " does not stay up, " + MOST_RESTARTS
                + " restarts did not help; " + reason));
        return null;
    }

    private boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /** Completed when the server ended, could not be kept running, and no further attempt is made. */
    public CompletionStage<PostgresFailure> failure() {
        return failure.minimalCompletionStage();
    }

    /** The JDBC address of a database on this server, without user and password. */
    public String url(String database) {
        return UnixSocketFactory.url(settings.socket(), database);
    }

    /** The process id of the server's first process; another one after a restart. */
    public long pid() {
        synchronized (lock) {
            return running == null ? -1 : running.pid();
        }
    }

    /** The superuser's password, which is for {@link Provisioning} alone; services have roles of their own. */
    String superuserPassword() {
        return password;
    }

    /** Stops the server: sessions are ended, everything committed is on disk. Bounded by the settings' deadline. */
    @Override
    public void close() {
        ServerProcess last;
        synchronized (lock) {
            closed = true;
            last = running;
        }
        if (last != null && last.alive()) {
            Postmaster.stop(settings, last.pid());
        }
    }
}
