package io.longshore.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server. It listens on 127.0.0.1 only, on a port that it keeps, and lets nobody in without a password
 * (scram-sha-256). It is stopped by {@link #close}, and by the kernel when the JVM ends in any other way. What it says goes to
 * the log {@code postgres}. Thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("postgres");
    /** Below the range that the kernel takes ports of outgoing connections from, so that the kept port stays free. */
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 10_000;

    private final PostgresSettings settings;
    private final int port;
    private final Process process;
    private final String password;

    private EmbeddedPostgres(PostgresSettings settings, int port, Process process, String password) {
        this.settings = settings;
        this.port = port;
        this.process = process;
        this.password = password;
    }

    /** Unpacks and makes what is missing, without starting the server. */
    public static void prepare(PostgresSettings settings) {
        DataDirectory.prepare(settings, PostgresBinaries.unpack(settings.binaries()));
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
     * Starts the server and returns when it accepts connections. One that an earlier JVM left behind on the same directory is
     * stopped first.
     *
     * @throws PostgresFailure with a message for the operator
     */
    public static EmbeddedPostgres start(PostgresSettings settings) {
        Postmaster.stopLeftover(settings);
        Path home = PostgresBinaries.unpack(settings.binaries());
        DataDirectory.prepare(settings, home);
        Instant end = Instant.now().plus(settings.deadline());
        for (int attempt = 1; ; attempt++) {
            int port = choosePort(settings, attempt);
            Deque<String> said = new ArrayDeque<>();
            Process process = launch(settings, home, port, said);
            if (ready(settings, process, end)) {
                return new EmbeddedPostgres(settings, port, process, read(settings.passwordFile()));
            }
            if (process.isAlive()) {
                Postmaster.stop(settings, process.pid());
            }
            String reason = join(said);
            // Right after a kill -9, processes of the old server may hold its lock file or memory for another moment.
            if (!passing(reason) || Instant.now().isAfter(end)) {
                throw new PostgresFailure("PostgreSQL on " + settings.data() + " did not start: " + reason);
            }
            Postmaster.pause(100);
        }
    }

    /** The JDBC address of a database on this server, without user and password. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** The process id of the server's first process. */
    public long pid() {
        return process.pid();
    }

    /** The superuser's password, which is for {@link Provisioning} alone; services have roles of their own. */
    String superuserPassword() {
        return password;
    }

    /** Stops the server: sessions are ended, everything committed is on disk. Bounded by the settings' deadline. */
    @Override
    public void close() {
        if (process.isAlive()) {
            Postmaster.stop(settings, process.pid());
        }
    }

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

    /** The kernel ends the server with the thread that started it, so that thread lives as long as the server. */
    private static Process launch(PostgresSettings settings, Path home, int port, Deque<String> said) {
        List<String> program = new ArrayList<>(List.of(
                home.resolve("bin/postgres").toString(), "-D", settings.data().toString()));
        for (String option : settings.options(port)) {
            program.add("-c");
            program.add(option);
        }
        CompletableFuture<Process> started = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("postgres").start(() -> {
            try {
                Process process = builder(settings, program).start();
                started.complete(process);
                follow(process, said);
            } catch (IOException e) {
                started.completeExceptionally(e);
            }
        });
        try {
            return started.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw new PostgresFailure("cannot run PostgreSQL: " + e.getMessage(), e);
        }
    }

    private static void follow(Process process, Deque<String> said) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                LOG.info("{}", line);
                synchronized (said) {
                    said.addLast(line);
                    if (said.size() > 20) {
                        said.removeFirst();
                    }
                }
            }
        }
    }

    private static boolean ready(PostgresSettings settings, Process process, Instant end) {
        while (process.isAlive() && Instant.now().isBefore(end)) {
            if (Postmaster.ready(settings.data(), process.pid())) {
                return true;
            }
            Postmaster.pause(5);
        }
        return false;
    }

    private static boolean passing(String reason) {
        return reason.contains("lock file \"postmaster.pid\" already exists")
                || reason.contains("pre-existing shared memory block")
                || reason.contains("could not bind IPv4 address");
    }

    private static String join(Deque<String> said) {
        synchronized (said) {
            return said.isEmpty() ? "it said nothing" : String.join("; ", said);
        }
    }

    private static int choosePort(PostgresSettings settings, int attempt) {
        try {
            Path file = settings.portFile();
            if (Files.exists(file)) {
                int kept = Integer.parseInt(Files.readString(file).strip());
                // A second look at a busy port: it may be our old server that is not gone yet.
                if (free(kept) || attempt == 1) {
                    return kept;
                }
            }
            int port;
            do {
                port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            } while (!free(port));
            DataDirectory.writeSecret(file, port + "\n");
            return port;
        } catch (IOException e) {
            throw new PostgresFailure("cannot keep the port in " + settings.portFile() + ": " + e, e);
        }
    }

    private static boolean free(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return true;
        } catch (java.net.BindException e) {
            return false;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new PostgresFailure("cannot read the superuser's password in " + file + ": " + e, e);
        }
    }
}
