package io.longshore.acceptance.clients.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Testcontainers' module for PostgreSQL, on an image of Debian's packages. */
public class PostgresCases {
    private static final String GIVEN = "longshore.test.postgres";

    private static final String[] SERVICES = {
        "io.longshore.access.AccessServiceIT",
        "io.longshore.fleet.FleetServiceIT",
        "io.longshore.network.NetworksIT",
        "io.longshore.volume.NamedVolumesIT",
        "io.longshore.volume.VolumesIT"
    };

    private static PostgreSQLContainer postgres() {
        return new PostgreSQLContainer("postgres:15");
    }

    @Test
    void aDatabaseWithAScript() throws SQLException {
        try (PostgreSQLContainer container = postgres()
                .withDatabaseName("shop")
                .withUsername("keeper")
                .withPassword("a secret")
                .withCopyToContainer(
                        Transferable.of("create table stock (name text); insert into stock values ('apple'), ('pear')"),
                        "/docker-entrypoint-initdb.d/stock.sql")) {
            container.start();
            assertThat(container.getLogs()).contains("ready for start up");
            try (Connection connection = DriverManager.getConnection(container.getJdbcUrl(), "keeper", "a secret");
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "select count(*), current_database(), current_setting('server_version_num')::int / 10000"
                                    + " from stock")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(2);
                assertThat(rows.getString(2)).isEqualTo("shop");
                assertThat(rows.getInt(3)).isEqualTo(15);
            }
        }
    }

    /** The tests of services, which have their schemas, their migrations and their repositories there. */
    @Test
    void ourOwnRepositoryTests() {
        try (PostgreSQLContainer container = postgres().withCommand("postgres -c fsync=off -c max_connections=200")) {
            container.start();
            String url = "jdbc:postgresql://" + container.getHost() + ":" + container.getMappedPort(5432) + "/";
            Map<String, String> given = Map.of(
                    GIVEN, url, GIVEN + ".user", container.getUsername(), GIVEN + ".password", container.getPassword());
            given.forEach(System::setProperty);
            TestExecutionSummary summary = run(SERVICES);
            StringWriter failures = new StringWriter();
            summary.printFailuresTo(new PrintWriter(failures), 20);
            assertThat(summary.getTotalFailureCount())
                    .as("failures: %s", failures)
                    .isZero();
            assertThat(summary.getTestsSucceededCount()).isGreaterThan(30);
            assertThat(databases(url + "postgres", container)).isEqualTo(SERVICES.length);
        }
    }

    private static TestExecutionSummary run(String... classes) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false");
        for (String each : classes) {
            request.selectors(selectClass(each));
        }
        LauncherDiscoveryRequest built = request.build();
        LauncherFactory.create().execute(built, listener);
        return listener.getSummary();
    }

    /** How many the tests have made there: one each. */
    private static int databases(String url, PostgreSQLContainer container) {
        try (Connection connection =
                        DriverManager.getConnection(url, container.getUsername(), container.getPassword());
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select count(*) from pg_database where datname ~ '^test[0-9]'")) {
            return rows.next() ? rows.getInt(1) : 0;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot ask " + url, e);
        }
    }
}
