package io.longshore.testbed.engine;

import io.longshore.postgres.EmbeddedPostgres;
import io.longshore.postgres.OsUser;
import io.longshore.postgres.PostgresSettings;
import io.longshore.postgres.Provisioning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** A PostgreSQL with an empty database that is nobody's part: what an operator would have beside a Longshore. */
public final class ExternalPostgres implements AutoCloseable {
    private static final String DATABASE = "operators";

    private final PostgresSettings settings;
    private final EmbeddedPostgres server;

    private ExternalPostgres(PostgresSettings settings) {
        this.settings = settings;
        this.server = EmbeddedPostgres.start(settings);
        new Provisioning(server).database(DATABASE);
    }

    /** Starts it below {@code directory}, whose parents its user may pass through. */
    public static ExternalPostgres start(Path directory) {
        return new ExternalPostgres(PostgresSettings.durable(
                directory,
                LongshoreHome.postgresBinaries(directory),
                Optional.of(new OsUser(LongshoreHome.POSTGRES_USER, LongshoreHome.POSTGRES_USER))));
    }

    /** The driver's address of the database, without the scheme {@code jdbc:}. */
    public String url() {
        return server.url(DATABASE).substring("jdbc:".length());
    }

    /** The file with the password of its superuser, {@code postgres}. */
    public Path passwordFile() {
        return settings.directory().resolve("superuser.password");
    }

    /** Whether a query, asked as the superuser, finds a row. */
    public boolean finds(String query) {
        try (Connection connection = DriverManager.getConnection(
                        server.url(DATABASE),
                        "postgres",
                        Files.readString(passwordFile()).strip());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot ask the external database \"" + query + "\": " + e, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        EmbeddedPostgres.delete(settings);
    }
}
