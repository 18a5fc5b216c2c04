package io.longshore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The server as an operator meets it: starts, kills, and what is refused. */
@Execution(ExecutionMode.CONCURRENT)
class EmbeddedPostgresIT extends ServerCases {
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
    void dataThatWasSetAsideIsNeitherStartedNorReplaced() throws Exception {
        try (EmbeddedPostgres server = start()) {
            update(server, "create table t (n int)", "insert into t values (7)");
        }
        EmbeddedPostgres.setAside(settings);
        EmbeddedPostgres.setAside(settings); // nothing is left to do
        assertThat(settings.data()).doesNotExist();
        assertThatThrownBy(this::start)
                .isInstanceOf(PostgresFailure.class)
                .hasMessage("the database in " + settings.directory() + " was moved to another server, and "
                        + settings.asideData() + " is what it was before: to go back to that, rename it to "
                        + settings.data());
        assertThat(settings.data()).doesNotExist();
        Files.move(settings.asideData(), settings.data());
        try (EmbeddedPostgres server = start()) {
            assertThat(query(server, "select n from t")).isEqualTo("7");
        }
        Files.createDirectory(settings.asideData());
        assertThatThrownBy(() -> EmbeddedPostgres.setAside(settings))
                .isInstanceOf(PostgresFailure.class)
                .hasMessageContaining("the latter is there already");
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
        EmbeddedPostgres.copy(template(), deep.directory());
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
}
