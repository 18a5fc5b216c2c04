package io.longshore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The server as an operator and as an intruder meet it: real processes, durable settings. */
class EmbeddedPostgresIT {
    private static final String PASSWORD = "a-password-of-some-length";
    private static final Provisioning.Role VOLUME = new Provisioning.Role("volume", PASSWORD, "volume");

    private static final Path BINARIES =
            Path.of("/var/tmp", "longshore-test-postgres-" + System.getProperty("user.name"));
    private static Path template;

    private Path directory;
    private PostgresSettings settings;

    /** initdb takes seconds; the cases that are not about it start from a copy. */
    @BeforeAll
    static void makeTemplate() throws IOException {
        template = Files.createTempDirectory("embedded-postgres-it-");
        Files.setPosixFilePermissions(template, PosixFilePermissions.fromString("rwx--x--x"));
        EmbeddedPostgres.prepare(
                new PostgresSettings(template, BINARIES, OsUser.unprivileged(), true, Duration.ofSeconds(60)));
    }

    @AfterAll
    static void removeTemplate() throws IOException {
        Trees.delete(template);
    }

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("embedded-postgres-it-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        settings = new PostgresSettings(
                directory.resolve("postgres"), BINARIES, OsUser.unprivileged(), true, Duration.ofSeconds(30));
        EmbeddedPostgres.copy(template, settings.directory());
    }

    @AfterEach
    void removeDirectory() throws IOException {
        Postmaster.stopLeftover(settings);
        Trees.delete(directory);
    }

    @Test
    void startsTwiceWithTheSameRows() throws SQLException {
        try (EmbeddedPostgres server = start()) {
            update(server, "create table t (n int)", "insert into t values (7)");
        }
        try (EmbeddedPostgres server = start()) {
            assertThat(query(server, "select n from t")).isEqualTo("7");
            assertThat(query(server, "show fsync")).isEqualTo("on");
            assertThat(query(server, "show synchronous_commit")).isEqualTo("on");
            assertThat(query(server, "show server_version")).startsWith(DataDirectory.MAJOR + ".");
        }
    }

    @Test
    void dataOfAnEarlierLongshoreIsServedOnTheSocketOnly() throws Exception {
        Files.writeString(
                settings.data().resolve("postgresql.conf"),
                "listen_addresses = '*'\nport = 5999\nunix_socket_directories = '/tmp'\n",
                StandardOpenOption.APPEND);
        Files.writeString(settings.data().resolve("pg_hba.conf"), "local all all trust\nhost all all all trust\n");
        try (EmbeddedPostgres server = start()) {
            assertThat(query(server, "select 1")).isEqualTo("1");
            assertThatThrownBy(() -> DriverManager.getConnection(server.url("postgres"), "postgres", "guess"))
                    .hasMessageContaining("password authentication failed");
            assertThat(listeners(server, "tcp")).isEmpty();
            assertThat(listeners(server, "tcp6")).isEmpty();
            assertThat(Path.of("/tmp/.s.PGSQL.5999")).doesNotExist();
        }
    }

    @Test
    void committedRowsSurviveKillOfTheServer() throws Exception {
        try (EmbeddedPostgres server = start()) {
            update(server, "create table t (n int)", "insert into t select generate_series(1, 1000)");
            long killed = server.pid();
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            await(() -> server.pid() != killed && logsIn(server, "postgres", "postgres", server.superuserPassword()));
            assertThat(query(server, "select count(*) from t")).isEqualTo("1000");
        }
    }

    @Test
    void committedRowsSurviveKillOfTheJvm() throws Exception {
        Process jvm = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Commits.class.getName(),
                        settings.directory().toString(),
                        BINARIES.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int committed = 0;
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8))) {
            // What PostgreSQL logs is on the same stream.
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                committed = line.startsWith("committed ") ? Integer.parseInt(line.substring(10)) : committed;
                if (committed == 200) {
                    jvm.toHandle().destroyForcibly();
                }
            }
        }
        // At once, while the old server is still going down.
        try (EmbeddedPostgres server = start()) {
            assertThat(Integer.parseInt(query(server, "select count(*) from t")))
                    .isGreaterThanOrEqualTo(committed)
                    .isGreaterThanOrEqualTo(200);
        }
    }

    /** A JVM that commits row after row and says so, until it is killed. */
    static final class Commits {
        private Commits() {}

        public static void main(String[] arguments) throws SQLException {
            EmbeddedPostgres server = EmbeddedPostgres.start(new PostgresSettings(
                    Path.of(arguments[0]), Path.of(arguments[1]), OsUser.unprivileged(), true, Duration.ofSeconds(30)));
            try (Connection connection = superuser(server);
                    Statement statement = connection.createStatement()) {
                statement.execute("create table t (n int)");
                for (int n = 1; ; n++) {
                    statement.execute("insert into t values (" + n + ")");
                    System.out.println("committed " + n);
                }
            }
        }
    }

    @Test
    void serverLeftByAnotherJvmIsStoppedFirst() throws Exception {
        start().close();
        // As an older Longshore that was killed would leave it: no parent to die with.
        Path home = PostgresBinaries.unpack(settings);
        List<String> command = List.of(
                home.resolve("bin/postgres").toString(),
                "-D",
                settings.data().toString(),
                "-c",
                "listen_addresses=",
                "-c",
                "unix_socket_directories=" + settings.socketDirectory());
        Process orphan = ServerProcess.builder(settings, command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        await(() -> Files.exists(settings.socket()));
        try (EmbeddedPostgres server = start()) {
            assertThat(orphan.isAlive()).isFalse();
            assertThat(query(server, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void killedServerIsStartedAgainWithTheSamePasswords() throws Exception {
        try (EmbeddedPostgres server = start()) {
            new Provisioning(server).database("longshore");
            new Provisioning(server).services("longshore", List.of(VOLUME));
            for (int kill = 0; kill < 2; kill++) {
                long killed = server.pid();
                try (Connection before = DriverManager.getConnection(server.url("longshore"), "volume", PASSWORD);
                        Statement statement = before.createStatement()) {
                    ProcessHandle.of(killed).orElseThrow().destroyForcibly();
                    assertThatThrownBy(() -> statement.execute("select pg_sleep(20)"))
                            .isInstanceOf(SQLException.class);
                }
                await(() -> server.pid() != killed && logsIn(server, "longshore", "volume", PASSWORD));
                assertThat(server.failure().toCompletableFuture()).isNotDone();
            }
        }
        assertThat(settings.data().resolve("postmaster.pid")).doesNotExist();
    }

    @Test
    void serverThatDoesNotComeBackIsGivenUp() throws Exception {
        try (EmbeddedPostgres server = start()) {
            Path moved = settings.data().resolveSibling("data.moved");
            Files.move(settings.data(), moved);
            ProcessHandle.of(server.pid()).orElseThrow().destroyForcibly();
            assertThat(server.failure().toCompletableFuture().get(60, TimeUnit.SECONDS))
                    .hasMessageContaining(settings.data().toString())
                    .hasMessageContaining("5 restarts did not help")
                    .hasMessageContaining("No such file or directory");
            Files.move(moved, settings.data());
        }
        try (EmbeddedPostgres server = start()) {
            assertThat(query(server, "select 1")).isEqualTo("1");
        }
    }

    private static boolean logsIn(EmbeddedPostgres server, String database, String user, String password) {
        try {
            DriverManager.getConnection(server.url(database), user, password).close();
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    void driverEndsAStatementInTimeAndByCancel() throws Exception {
        try (EmbeddedPostgres server = start();
                Connection connection = superuser(server);
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.execute("select pg_sleep(30)"))
                    .hasMessageContaining("canceling statement due to user request");
            statement.setQueryTimeout(0);
            Thread canceller = Thread.ofVirtual().start(() -> {
                Postmaster.pause(300);
                try {
                    statement.cancel();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> statement.execute("select pg_sleep(30)"))
                    .hasMessageContaining("canceling statement due to user request");
            canceller.join();
            assertThat(connection.isValid(5)).isTrue();
            connection.setNetworkTimeout(Runnable::run, 500);
            assertThatThrownBy(() -> statement.execute("select pg_sleep(30)"))
                    .isInstanceOf(SQLException.class)
                    .hasRootCauseInstanceOf(java.net.SocketTimeoutException.class);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void staleSocketOfAKilledServerIsReplaced() throws Exception {
        start().close();
        // A lock file whose process id has gone to somebody else, which a server would refuse.
        Files.writeString(
                settings.socketDirectory().resolve(settings.socket().getFileName() + ".lock"),
                "1\n/nowhere\n0\n5432\n");
        Files.writeString(settings.socket(), "");
        try (EmbeddedPostgres server = start()) {
            assertThat(query(server, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void socketWithTooLongANameIsRefused() {
        PostgresSettings deep = new PostgresSettings(
                directory.resolve("d".repeat(100)), BINARIES, settings.user(), true, Duration.ofSeconds(30));
        EmbeddedPostgres.copy(template, deep.directory());
        assertThatThrownBy(() -> EmbeddedPostgres.start(deep))
                .isInstanceOf(PostgresFailure.class)
                .hasMessageContaining("more than 107 bytes: choose a shorter directory");
    }

    @Test
    void dataOfAnotherMajorVersionIsRefused() throws IOException {
        EmbeddedPostgres.prepare(settings);
        Files.writeString(settings.data().resolve("PG_VERSION"), "17\n");
        assertThatThrownBy(this::start)
                .isInstanceOf(PostgresFailure.class)
                .hasMessageContaining("is of PostgreSQL 17, this Longshore brings 18");
    }

    @Test
    void filesThatAreNoFilesAreNotReadFromTheDataDirectory() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "18\n");
        for (String name : List.of("PG_VERSION", "postmaster.pid")) {
            Path file = settings.data().resolve(name);
            Files.deleteIfExists(file);
            Files.createSymbolicLink(file, secret);
            assertThatThrownBy(() -> SmallFile.read(file)).hasMessageContaining(file + " is not a regular file");
            Files.delete(file);
            assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                    .isZero();
            assertThatThrownBy(() -> SmallFile.read(file)).hasMessageContaining(file + " is not a regular file");
        }
        assertThatThrownBy(this::start)
                .isInstanceOf(PostgresFailure.class)
                .hasMessageContaining("PG_VERSION is not a regular file");
    }

    @Test
    void nobodyGetsInWithoutPassword() throws Exception {
        try (EmbeddedPostgres server = start()) {
            new Provisioning(server).database("longshore");
            new Provisioning(server).services("longshore", List.of(VOLUME));
            for (String user : List.of("postgres", "volume", "nobody", "root")) {
                assertThatThrownBy(() -> DriverManager.getConnection(server.url("longshore"), user, ""))
                        .isInstanceOf(SQLException.class);
                assertThatThrownBy(() -> DriverManager.getConnection(server.url("longshore"), user, "guess"))
                        .hasMessageContaining("password authentication failed");
            }
            assertThat(query(server, "select string_agg(type || ' ' || auth_method, ',') from pg_hba_file_rules"))
                    .isEqualTo("local scram-sha-256");
            if (settings.user().isPresent()) {
                assertThat(asAnotherUser("cat " + settings.passwordFile())).contains("Permission denied");
                assertThat(asAnotherUser("ls " + settings.data())).contains("Permission denied");
                assertThat(asAnotherUser("ls " + settings.socket())).contains("Permission denied");
                assertThat(asAnotherUser("perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Peer => \""
                                + settings.socket() + "\") or die $!'"))
                        .contains("Permission denied");
                assertThat(Files.getOwner(settings.access()).getName()).isEqualTo("root");
                assertThat(asAnotherUser("cat /proc/" + server.pid() + "/environ; ls /proc/" + server.pid() + "/fd"))
                        .contains("Permission denied");
            }
        }
    }

    @Test
    void roleOfAServiceIsConfinedToItsSchema() throws Exception {
        try (EmbeddedPostgres server = start()) {
            Provisioning provisioning = new Provisioning(server);
            provisioning.database("longshore");
            Provisioning.Role network = new Provisioning.Role("network", PASSWORD, "network");
            provisioning.services("longshore", List.of(VOLUME, network));
            provisioning.services("longshore", List.of(network));
            try (Connection volume = DriverManager.getConnection(server.url("longshore"), "volume", PASSWORD);
                    Statement statement = volume.createStatement()) {
                statement.execute("create table volume.t (n int)");
                for (String refused : List.of(
                        "copy (select 1) to program 'id'",
                        "copy volume.t from '/etc/passwd'",
                        "copy volume.t from program 'id'",
                        "select pg_read_file('/etc/passwd')",
                        "create table network.t (n int)",
                        "create table public.t (n int)",
                        "create schema other",
                        "create role other",
                        "create extension dblink",
                        "set role postgres",
                        "alter system set fsync = off",
                        "select lo_import('/etc/passwd')")) {
                    assertThatThrownBy(() -> statement.execute(refused))
                            .as(refused)
                            .isInstanceOf(SQLException.class)
                            .hasMessageMatching("(?s).*(permission denied|must be superuser|not available).*");
                }
                assertThatThrownBy(() -> DriverManager.getConnection(server.url("postgres"), "volume", PASSWORD))
                        .hasMessageContaining("permission denied");
            }
        }
    }

    @Test
    void serverRunsWithoutPrivileges() throws Exception {
        try (EmbeddedPostgres server = start()) {
            List<String> status = Files.readAllLines(Path.of("/proc", Long.toString(server.pid()), "status"));
            assertThat(status).anyMatch(line -> line.matches("NoNewPrivs:\\s+1"));
            if (settings.user().isPresent()) {
                assertThat(status).anyMatch(line -> line.matches("Uid:\\s+65534\\s+65534\\s+65534\\s+65534"));
                assertThat(status).filteredOn(l -> l.startsWith("Cap")).allMatch(l -> l.endsWith("0000000000000000"));
                assertThat(status).anyMatch(line -> line.matches("Groups:\\s*"));
            }
        }
    }

    @Test
    void theServerHasNoSocketOfANetworkAndOneOfItsOwn() throws Exception {
        try (EmbeddedPostgres server = start()) {
            assertThat(listeners(server, "tcp")).isEmpty();
            assertThat(listeners(server, "tcp6")).isEmpty();
            assertThat(listeners(server, "udp")).isEmpty();
            assertThat(listeners(server, "udp6")).isEmpty();
            assertThat(listeners(server, "unix"))
                    .singleElement()
                    .asString()
                    .endsWith(settings.socket().toString());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(settings.socketDirectory())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void passwordsAreNotSentInClear() throws Exception {
        try (EmbeddedPostgres server = start()) {
            // The server says every statement that it gets.
            update(server, "alter system set log_statement = 'all'", "select pg_reload_conf()");
            await(() -> {
                try {
                    return query(server, "show log_statement").equals("all");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            String said = heard(() -> {
                new Provisioning(server).database("longshore");
                new Provisioning(server).services("longshore", List.of(VOLUME));
            });
            assertThat(said)
                    .contains("alter role \"volume\"")
                    .contains("SCRAM-SHA-256$")
                    .doesNotContain(PASSWORD);
        }
    }

    /** What the server logs meanwhile. */
    private static String heard(Runnable work) {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger("postgres");
        lines.start();
        log.addAppender(lines);
        try {
            work.run();
            await(() -> List.copyOf(lines.list).stream()
                    .anyMatch(line -> line.getFormattedMessage().contains("create schema")));
            return List.copyOf(lines.list).stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .collect(Collectors.joining("\n"));
        } finally {
            log.detachAppender(lines);
        }
    }

    /** The lines in /proc/net of the sockets that the server's first process has open. */
    private static List<String> listeners(EmbeddedPostgres server, String kind) throws IOException {
        Set<String> inodes = new HashSet<>();
        Path process = Path.of("/proc", Long.toString(server.pid()));
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            for (Path descriptor : open.toList()) {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (target.startsWith("socket:[")) {
                    inodes.add(target.substring(8, target.length() - 1));
                }
            }
        }
        assertThat(inodes).isNotEmpty();
        return Files.readAllLines(process.resolve("net").resolve(kind)).stream()
                .filter(line -> List.of(line.strip().split("\\s+")).stream().anyMatch(inodes::contains))
                .toList();
    }

    private EmbeddedPostgres start() {
        return EmbeddedPostgres.start(settings);
    }

    private static String asAnotherUser(String command) throws Exception {
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "--", "sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private static void update(EmbeddedPostgres server, String... statements) throws SQLException {
        try (Connection connection = superuser(server);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String query(EmbeddedPostgres server, String sql) throws SQLException {
        try (Connection connection = superuser(server);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static Connection superuser(EmbeddedPostgres server) throws SQLException {
        return DriverManager.getConnection(server.url("postgres"), "postgres", server.superuserPassword());
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        Instant end = Instant.now().plusSeconds(20);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(end);
            Postmaster.pause(10);
        }
    }
}
