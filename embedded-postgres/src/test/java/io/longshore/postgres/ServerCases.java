package io.longshore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** A server of each case's own: real processes, durable settings, in a directory that is a copy of a fresh one. */
abstract class ServerCases {
    static final String PASSWORD = "a-password-of-some-length";
    static final Provisioning.Role VOLUME = new Provisioning.Role("volume", PASSWORD, "volume");

    static final Path BINARIES = Path.of("/var/tmp", "longshore-test-postgres-" + System.getProperty("user.name"));
    /** By class, since classes may run at the same time. */
    private static final Map<Class<?>, Path> TEMPLATES = new ConcurrentHashMap<>();

    Path directory;
    PostgresSettings settings;

    /** initdb takes seconds; the cases that are not about it start from a copy. */
    @BeforeAll
    static void makeTemplate(TestInfo test) throws IOException {
        Path template = Files.createTempDirectory("embedded-postgres-it-");
        Files.setPosixFilePermissions(template, PosixFilePermissions.fromString("rwx--x--x"));
        EmbeddedPostgres.prepare(
                new PostgresSettings(template, BINARIES, OsUser.unprivileged(), true, Duration.ofSeconds(60)));
        TEMPLATES.put(test.getTestClass().orElseThrow(), template);
    }

    @AfterAll
    static void removeTemplate(TestInfo test) throws IOException {
        Trees.delete(Objects.requireNonNull(TEMPLATES.remove(test.getTestClass().orElseThrow())));
    }

    Path template() {
        return Objects.requireNonNull(TEMPLATES.get(getClass()));
    }

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("embedded-postgres-it-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        settings = new PostgresSettings(
                directory.resolve("postgres"), BINARIES, OsUser.unprivileged(), true, Duration.ofSeconds(30));
        EmbeddedPostgres.copy(template(), settings.directory());
    }

    @AfterEach
    void removeDirectory() throws IOException {
        Postmaster.stopLeftover(settings);
        Trees.delete(directory);
    }

    static boolean logsIn(EmbeddedPostgres server, String database, String user, String password) {
        try {
            DriverManager.getConnection(server.url(database), user, password).close();
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    EmbeddedPostgres start() {
        return EmbeddedPostgres.start(settings);
    }

    static void update(EmbeddedPostgres server, String... statements) throws SQLException {
        try (Connection connection = superuser(server);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static String query(EmbeddedPostgres server, String sql) throws SQLException {
        try (Connection connection = superuser(server);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    static Connection superuser(EmbeddedPostgres server) throws SQLException {
        return DriverManager.getConnection(server.url("postgres"), "postgres", server.superuserPassword());
    }

    static void await(java.util.function.BooleanSupplier condition) {
        Instant end = Instant.now().plusSeconds(20);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(end);
            Postmaster.pause(10);
        }
    }
}
