package io.longshore.standalone.migrate;

import io.longshore.platform.data.SchemaMigrations;
import io.longshore.postgres.EmbeddedPostgres;
import io.longshore.postgres.OsUser;
import io.longshore.postgres.PostgresSettings;
import io.longshore.postgres.Provisioning;
import io.longshore.postgres.Provisioning.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A server of a test's own, on a unix socket. Two with the same template differ in nothing but what is done to them. */
final class Postgres implements AutoCloseable {
    private static final Path BINARIES =
            Path.of("/var/tmp", "longshore-test-postgres-" + System.getProperty("user.name"));

    private final PostgresSettings settings;
    private EmbeddedPostgres server;

    private Postgres(PostgresSettings settings) {
        this.settings = settings;
        this.server = EmbeddedPostgres.start(settings);
    }

    private static PostgresSettings settings(Path directory) {
        return new PostgresSettings(directory, BINARIES, OsUser.unprivileged(), false, Duration.ofSeconds(60));
    }

    /** Data that servers are started from, so that initdb runs once. */
    static Path template() throws IOException {
        Path directory = directory();
        EmbeddedPostgres.prepare(settings(directory));
        return directory;
    }

    static void delete(Path template) {
        EmbeddedPostgres.delete(settings(template));
    }

    private static Path directory() throws IOException {
        Path directory = Files.createTempDirectory("longshore-migrate-it-");
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    static Postgres start(Path template) throws IOException {
        Path directory = directory();
        EmbeddedPostgres.copy(template, directory);
        return new Postgres(settings(directory));
    }

    String url(String database) {
        return server.url(database);
    }

    String password() {
        try {
            return Files.readString(settings.directory().resolve("superuser.password"))
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Connection superuser(String database) throws SQLException {
        return DriverManager.getConnection(url(database), "postgres", password());
    }

    void execute(String database, String... statements) throws SQLException {
        try (Connection connection = superuser(database)) {
            for (String statement : statements) {
                Sql.execute(connection, statement);
            }
        }
    }

    /** First columns, as text. */
    List<String> list(String database, String query) throws SQLException {
        try (Connection connection = superuser(database)) {
            return Sql.list(connection, row -> row.getString(1), query);
        }
    }

    /** A Longshore's database as a standalone makes it, with the schemas of this build. */
    Map<String, Role> longshore(String database, List<String> schemas) {
        Map<String, Role> roles = new LinkedHashMap<>();
        schemas.forEach(schema -> roles.put(schema, new Role(schema, Provisioning.randomPassword(), schema)));
        Provisioning provisioning = new Provisioning(server);
        provisioning.database(database);
        provisioning.services(database, List.copyOf(roles.values()));
        roles.values()
                .forEach(role -> SchemaMigrations.of(
                                Login.of(url(database), role).source(), role.schema())
                        .migrate());
        return roles;
    }

    void stop() {
        server.close();
    }

    void startAgain() {
        server = EmbeddedPostgres.start(settings);
    }

    @Override
    public void close() {
        server.close();
        EmbeddedPostgres.delete(settings);
    }
}
