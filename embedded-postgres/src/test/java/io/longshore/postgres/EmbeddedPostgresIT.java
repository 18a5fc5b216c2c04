package io.longshore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    void startsTwiceOnTheSamePortWithTheSameRows() throws SQLException {
        int port;
        try (EmbeddedPostgres server = start()) {
            port = server.port();
            update(server, "create table t (n int)", "insert into t values (7)");
        }
        try (EmbeddedPostgres server = start()) {
            assertThat(server.port()).isEqualTo(port);
            assertThat(query(server, "select n from t")).isEqualTo("7");
            assertThat(query(server, "show fsync")).isEqualTo("on");
            assertThat(query(server, "show synchronous_commit")).isEqualTo("on");
            assertThat(query(server, "show server_version")).startsWith(DataDirectory.MAJOR + ".");
        }
    }

    @Test
    void committedRowsSurviveKillOfTheServer() throws SQLException {
        EmbeddedPostgres killed = start();
        update(killed, "create table t (n int)", "insert into t select generate_series(1, 1000)");
        ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
        try (EmbeddedPostgres server = start()) {
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
        Path home = PostgresBinaries.unpack(settings.binaries());
        List<String> command = List.of(
                home.resolve("bin/postgres").toString(),
                "-D",
                settings.data().toString(),
                "-c",
                "port=29999",
                "-c",
                "unix_socket_directories=");
        Process orphan = EmbeddedPostgres.builder(settings, command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        await(() -> Postmaster.ready(settings.data(), orphan.pid()));
        try (EmbeddedPostgres server = start()) {
            assertThat(orphan.isAlive()).isFalse();
            assertThat(query(server, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void busyPortIsReplaced() throws Exception {
        start().close();
        int port = Integer.parseInt(Files.readString(settings.portFile()).strip());
        try (var busy = new java.net.ServerSocket()) {
            busy.bind(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), port));
            try (EmbeddedPostgres server = start()) {
                assertThat(server.port()).isNotEqualTo(port);
            }
        }
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
    void damagedBinariesAreUnpackedAgain() throws IOException {
        PostgresSettings own = new PostgresSettings(
                settings.directory(), directory.resolve("own"), settings.user(), true, Duration.ofSeconds(30));
        Path home = PostgresBinaries.unpack(own.binaries());
        Files.delete(home.resolve("bin/initdb"));
        assertThat(PostgresBinaries.unpack(own.binaries())).isEqualTo(home);
        assertThat(home.resolve("bin/initdb")).isExecutable();
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
            assertThat(Files.readAllLines(settings.data().resolve("pg_hba.conf")))
                    .noneMatch(line -> line.matches("[^#]*\\b(trust|peer|ident|password|md5)\\b.*"));
            if (settings.user().isPresent()) {
                assertThat(asAnotherUser("cat " + settings.passwordFile())).contains("Permission denied");
                assertThat(asAnotherUser("ls " + settings.data())).contains("Permission denied");
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
