package io.longshore.platform.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.EventsApi;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.ColocatedParts;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.ledger.LedgerApplication;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A database that lets nobody in is trouble that passes, not a defect: the same over HTTP and within the JVM. */
class DatabaseTroubleIT {
    private static final TestDatabase DATABASE = TestDatabase.create("ledger");

    @TempDir
    Path directory;

    @Test
    void databaseThatRefusesIsUnavailableUntilItDoesNot() throws IOException {
        Map<String, Object> settings = new HashMap<>(DATABASE.settings());
        settings.put("run.directory", directory.resolve("run").toString());
        ColocatedParts colocated = new ColocatedParts();
        SingleConnectionDataSource kept =
                new SingleConnectionDataSource(DATABASE.url(), DATABASE.user(), DATABASE.password(), true);
        JdbcClient jdbc = JdbcClient.create(kept);
        try (RunningService service = ServiceRunner.start(LedgerApplication.class, Settings.of(settings), colocated);
                Connections connections = new Connections()) {
            Address address = new Address.Unix(service.socket());
            EventsApi far = new Parts(connections).client(EventsApi.class, "ledger", address);
            EventsApi near = new Parts(connections, colocated).client(EventsApi.class, "ledger", address);
            password(jdbc, "another");
            for (EventsApi events : List.of(far, near)) {
                assertThatThrownBy(() -> events.read(caller(), null, 0, 1, 0))
                        .isInstanceOf(Failure.Unavailable.class)
                        .hasMessageStartingWith("the database does not answer");
            }
            password(jdbc, DATABASE.password());
            for (EventsApi events : List.of(far, near)) {
                assertThat(events.read(caller(), null, 0, 1, 0).events()).isEmpty();
            }
        } finally {
            kept.destroy();
        }
    }

    /** Changes the role's password and ends its other connections. */
    private static void password(JdbcClient jdbc, String next) {
        jdbc.sql("alter role " + DATABASE.user() + " password '" + next + "'").update();
        jdbc.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = :user and pid <>"
                        + " pg_backend_pid()")
                .param("user", DATABASE.user())
                .query(Boolean.class)
                .list();
    }

    private static Caller caller() {
        return new Caller("tester", "default", Instant.now().plusSeconds(30), Trace.newId());
    }
}
