package io.longshore.standalone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.access.AccessServiceApplication;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.Event;
import io.longshore.contracts.event.EventPage;
import io.longshore.contracts.event.EventsApi;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import io.longshore.postgres.Provisioning.Role;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A service's events, read through its API before and after they were moved to a server that counts its transactions anew. */
@Timeout(120)
class MovedEventsIT {
    private static final List<String> SCHEMAS = List.of("access");
    /** Takes transaction numbers, as a server does in the course of its life. */
    private static final String LIVE =
            "do $$ begin for i in 1..3000 loop perform pg_current_xact_id(); commit; end loop; end $$";

    private static Path template;
    private static Postgres young;
    private static Postgres old;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws Exception {
        template = Postgres.template();
        young = Postgres.start(template);
        old = Postgres.start(template);
        old.execute("postgres", LIVE);
    }

    @AfterAll
    static void stop() {
        young.close();
        old.close();
        Postgres.delete(template);
    }

    private static void happen(String url, Role role, String... actions) throws SQLException {
        for (String action : actions) {
            try (Connection service = Login.of(url, role).connect()) {
                Sql.execute(
                        service,
                        "insert into event (time_nanos, project, type, action, actor_id, attributes)"
                                + " values (extract(epoch from clock_timestamp()) * 1000000000, 'default', 'container', '"
                                + action + "', 'id', '{\"name\": \"a\"}')");
            }
        }
    }

    /** What is read from a cursor on, and where that ends. */
    private record Seen(List<String> actions, String cursor) {}

    private Seen read(String url, Role role, @Nullable String from) throws Exception {
        Settings settings = Settings.of(Map.of(
                "run.directory", directory.resolve("run").toString(),
                "database.url", url,
                "database.user", role.name(),
                "database.password", role.password()));
        try (RunningService service = ServiceRunner.start(AccessServiceApplication.class, settings);
                Connections connections = new Connections()) {
            EventsApi events =
                    new Parts(connections).client(EventsApi.class, "access", new Address.Unix(service.socket()));
            List<String> actions = new ArrayList<>();
            String cursor = from;
            while (true) {
                Caller caller = new Caller("tester", "default", Instant.now().plusSeconds(30), Trace.newId());
                EventPage page = events.read(caller, cursor, 0, 2, 0);
                cursor = page.cursor();
                if (page.events().isEmpty()) {
                    return new Seen(actions, cursor);
                }
                actions.addAll(page.events().stream().map(Event::action).toList());
            }
        }
    }

    private void moveAndRead(Postgres from, Postgres to, String database) throws Exception {
        Role here = Migration.role(from.longshore(database, SCHEMAS), "access");
        to.execute("postgres", "create database " + database);
        happen(from.url(database), here, "1", "2", "3");
        Seen before = read(from.url(database), here, null);
        assertThat(before.actions()).containsExactly("1", "2", "3");
        happen(from.url(database), here, "4", "5");

        Migration migration = new Migration(
                directory,
                new MigrateOptions(new ServerUrl(to.url(database)), "postgres", to.password()),
                SCHEMAS,
                line -> {});
        ExternalDatabase moved = migration.copy(from.url(database), Map.of("access", here));
        Role there = Migration.role(moved.roles(), "access");
        assertThat(read(moved.url(), there, null).actions()).containsExactly("1", "2", "3", "4", "5");
        happen(moved.url(), there, "6", "7");
        assertThat(read(moved.url(), there, before.cursor()).actions()).containsExactly("4", "5", "6", "7");
        Seen all = read(moved.url(), there, null);
        assertThat(all.actions()).containsExactly("1", "2", "3", "4", "5", "6", "7");
        happen(moved.url(), there, "8");
        assertThat(read(moved.url(), there, all.cursor()).actions()).containsExactly("8");
        assertThatThrownBy(() -> read(moved.url(), there, "99999999999:1"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("is of another database");
    }

    @Test
    void toAServerWithHigherTransactionNumbersEachIsReadOnce() throws Exception {
        moveAndRead(young, old, "higher");
        assertThat(old.list("higher", "select 1 from access.event_trim where xid_base = 0"))
                .hasSize(1);
    }

    @Test
    void toAServerWithLowerTransactionNumbersEachIsReadOnceAndFromThereOnToo() throws Exception {
        moveAndRead(old, young, "again");
        assertThat(young.list("again", "select 1 from access.event_trim where xid_base > 2000"))
                .hasSize(1);
        Postgres third = Postgres.start(template);
        try (third) {
            // What the first move made of it is the source of the second.
            young.execute("again", "alter role " + youngRole() + " password 'a-password-of-some-length'");
            Role role = new Role(youngRole(), "a-password-of-some-length", "access");
            third.execute("postgres", "create database again");
            String cursor = young.list("again", "select max(xid)::text || ':' || max(seq) from access.event")
                    .getFirst();
            Migration migration = new Migration(
                    directory,
                    new MigrateOptions(new ServerUrl(third.url("again")), "postgres", third.password()),
                    SCHEMAS,
                    line -> {});
            ExternalDatabase moved = migration.copy(young.url("again"), Map.of("access", role));
            Role there = Migration.role(moved.roles(), "access");
            happen(moved.url(), there, "9");
            assertThat(read(moved.url(), there, cursor).actions()).containsExactly("9");
            assertThat(read(moved.url(), there, null).actions()).hasSize(9).endsWith("8", "9");
        }
    }

    private static String youngRole() throws SQLException {
        return young.list("again", "select nspowner::regrole::text from pg_namespace where nspname = 'access'")
                .getFirst();
    }
}
