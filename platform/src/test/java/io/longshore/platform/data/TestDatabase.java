package io.longshore.platform.data;

import io.longshore.postgres.EmbeddedPostgres;
import io.longshore.postgres.OsUser;
import io.longshore.postgres.PostgresSettings;
import io.longshore.postgres.Provisioning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A fresh database with one service's schema and role, on a real PostgreSQL that all tests of a JVM share. The server starts with the
 * first database, from a template kept between runs, and ends with the JVM; {@code -Dlongshore.test.postgres=jdbc:postgresql://host:port/},
 * {@code .user} and {@code .password} name a superuser's login to one that is there already, and no other JVM's.
 *
 * <pre>{@code
 * private static final TestDatabase DATABASE = TestDatabase.create("volume");
 * Settings settings = Settings.of(DATABASE.settings());
 * }</pre>
 *
 * @param url for JDBC
 * @param user the service's role: no superuser, owns the schema only
 * @param password of the role
 * @param schema empty until the service's migrations run
 */
public record TestDatabase(String url, String user, String password, String schema) {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** A database that no other test has. Takes about 50 ms, the first one about a second. */
    public static TestDatabase create(String schema) {
        int number = COUNT.incrementAndGet();
        String database = "test" + number;
        String role = schema + number;
        String password = Provisioning.randomPassword();
        Server.PROVISIONING.database(database);
        Server.PROVISIONING.services(database, List.of(new Provisioning.Role(role, password, schema)));
        return new TestDatabase(Server.PROVISIONING.url(database), role, password, schema);
    }

    /** The keys of {@link DatabaseProperties}, for {@code Settings.of}. */
    public Map<String, String> settings() {
        return Map.of("database.url", url, "database.user", user, "database.password", password);
    }

    /** Looks into the schema past the service, with its role. */
    public JdbcClient jdbc() {
        DriverManagerDataSource direct = new DriverManagerDataSource(url, user, password);
        Properties properties = new Properties();
        properties.setProperty("currentSchema", schema);
        direct.setConnectionProperties(properties);
        return JdbcClient.create(direct);
    }

    @Override
    public String toString() {
        return "TestDatabase[" + url + ", " + user + "]";
    }

    private static final class Server {
        private static final String GIVEN = "longshore.test.postgres";

        static final Provisioning PROVISIONING = provisioning();

        private static Provisioning provisioning() {
            String given = System.getProperty(GIVEN, "");
            return given.isEmpty()
                    ? new Provisioning(start())
                    : new Provisioning(
                            database -> given + database,
                            System.getProperty(GIVEN + ".user", ""),
                            System.getProperty(GIVEN + ".password", ""));
        }

        private static EmbeddedPostgres start() {
            try {
                Path shared = Path.of("/var/tmp", "longshore-test-postgres-" + System.getProperty("user.name"));
                Path template = template(shared);
                Path own = Files.createTempDirectory("longshore-test-postgres-");
                Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx--x--x"));
                EmbeddedPostgres.copy(template, own);
                PostgresSettings settings = settings(own, shared);
                EmbeddedPostgres server = EmbeddedPostgres.start(settings);
                Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                    server.close();
                    EmbeddedPostgres.delete(settings);
                }));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** initdb takes seconds, a copy of what it made does not. One process makes it, others wait. */
        private static Path template(Path shared) throws IOException {
            Files.createDirectories(shared);
            Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwx--x--x"));
            String owner = Files.getOwner(shared, LinkOption.NOFOLLOW_LINKS).getName();
            if (!owner.equals(System.getProperty("user.name"))) {
                throw new IOException(shared + " belongs to " + owner);
            }
            Path template = shared.resolve("template");
            try (FileChannel channel =
                    FileChannel.open(shared.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                // Let go when the channel closes.
                var _ = channel.lock();
                EmbeddedPostgres.prepare(settings(template, shared));
            }
            return template;
        }

        private static PostgresSettings settings(Path directory, Path binaries) {
            return new PostgresSettings(directory, binaries, OsUser.unprivileged(), false, DEADLINE);
        }
    }
}
