package io.longshore.standalone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.postgres.Provisioning.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All schemas with rows in every table, moved from one server to databases of another. */
@Timeout(120)
class MigrationIT {
    private static final List<String> SCHEMAS = List.of("access", "fleet", "image", "container", "volume", "network");
    /** Enough where it is not about the rows: each takes its time. */
    private static final List<String> TWO = List.of("access", "volume");

    private static final String HERE = "longshore";

    /** What the scripts made, as the server writes it: constraints, indexes, columns with their defaults, functions. */
    private static final String STRUCTURE = """
            select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
            where connamespace::regnamespace::text = any ('{access,fleet,image,container,volume,network}')
            union all
            select indexdef from pg_indexes where schemaname = any ('{access,fleet,image,container,volume,network}')
            union all
            select concat_ws(' ', table_schema, table_name, column_name, ordinal_position, data_type, is_nullable, identity_generation, column_default)
            from information_schema.columns
            where table_schema = any ('{access,fleet,image,container,volume,network}') and (table_name, column_name) <> ('event', 'xid')
            union all
            select pg_get_functiondef(oid) from pg_proc
            where pronamespace::regnamespace::text = any ('{access,fleet,image,container,volume,network}')
            order by 1""";

    private static Path template;
    private static Postgres here;
    private static Postgres there;
    private static Map<String, Role> roles;
    private static int databases;

    @TempDir
    Path work;

    private String database;

    @BeforeAll
    static void start() throws Exception {
        template = Postgres.template();
        here = Postgres.start(template);
        there = Postgres.start(template);
        roles = here.longshore(HERE, SCHEMAS);
        here.execute(HERE, Files.readString(Path.of("src/test/resources/representative-rows.sql")));
    }

    @AfterAll
    static void stop() {
        here.close();
        there.close();
        Postgres.delete(template);
    }

    @BeforeEach
    void makeDatabase() throws SQLException {
        database = "moved" + ++databases;
        there.execute("postgres", "create database " + database);
    }

    private MigrateOptions options(String user, String password) {
        return new MigrateOptions(new ServerUrl(there.url(database)), user, password);
    }

    private Migration migration(Consumer<String> said) throws IOException {
        return migration(SCHEMAS, said);
    }

    private Migration migration(List<String> schemas, Consumer<String> said) throws IOException {
        return new Migration(work, options("postgres", there.password()), schemas, said);
    }

    private ExternalDatabase move(Migration migration) throws IOException {
        migration.check();
        ExternalDatabase moved = migration.copy(here.url(HERE), roles);
        migration.choose(moved);
        migration.finish();
        return moved;
    }

    private static List<String> tables(Postgres server, String database, List<String> schemas) throws SQLException {
        return server.list(
                database,
                "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables"
                        + " where schemaname = any ('{" + String.join(",", schemas) + "}') order by 1");
    }

    /** Everything else than where the events' numbers begin. */
    private static void assertSame(String database) throws SQLException {
        assertThat(there.list(database, STRUCTURE)).isEqualTo(here.list(HERE, STRUCTURE));
        assertThat(tables(here, HERE, SCHEMAS)).contains("image.kept_login", "access.event");
        assertSameRows(database, SCHEMAS);
        String sequences = "select concat_ws(' ', schemaname, sequencename, last_value) from pg_sequences order by 1";
        assertThat(there.list(database, sequences)).isEqualTo(here.list(HERE, sequences));
    }

    private static void assertSameRows(String database, List<String> schemas) throws SQLException {
        List<String> tables = tables(here, HERE, schemas);
        assertThat(tables(there, database, SCHEMAS)).isEqualTo(tables);
        for (String table : tables) {
            if (!table.endsWith(".event_trim")) {
                String rows = "select t::text from " + table + " t order by 1";
                assertThat(there.list(database, rows)).as(table).isEqualTo(here.list(HERE, rows));
            }
        }
    }

    @Test
    void everyRowAndAllThatTheScriptsMakeIsThere() throws Exception {
        List<String> said = new ArrayList<>();
        ExternalDatabase moved = move(migration(said::add));
        assertSame(database);
        assertThat(here.list(HERE, "select tablename from pg_tables where schemaname = 'image'"))
                .allSatisfy(table -> assertThat(table.startsWith("event")
                                || !here.list(HERE, "select 1 from image." + table)
                                        .isEmpty())
                        .as(table + " has rows")
                        .isTrue());
        assertThat(said)
                .hasSize(6)
                .anySatisfy(line ->
                        assertThat(line).matches(" {2}image +[0-9,]+ rows in [0-9]+ tables, the same on both sides"));
        assertThat(there.list(database, "select nspname from pg_namespace where nspname = 'longshore_migration'"))
                .isEmpty();
        assertThat(ExternalDatabase.read(work, SCHEMAS)).isEqualTo(moved);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ExternalDatabase.file(work))))
                .isEqualTo("rw-------");
        try (var files = Files.list(work)) {
            assertThat(files).containsExactly(ExternalDatabase.file(work));
        }
        // The next identity is the next one, though the last row that had one is gone.
        Role access = Migration.role(moved.roles(), "access");
        try (Connection service = Login.of(moved.url(), access).connect()) {
            assertThat(Sql.<Long>one(
                            service,
                            row -> row.getLong(1),
                            "insert into credential (kind, shown, principal, project)"
                                    + " values ('token', 'c', 'x', 'p-2') returning id"))
                    .isEqualTo(4);
        }
    }

    @Test
    void aServiceSeesItsOwnSchemaOnlyAndHasNoOtherRight() throws Exception {
        ExternalDatabase moved = move(migration(TWO, line -> {}));
        Role volume = Migration.role(moved.roles(), "volume");
        assertThat(volume.name()).matches("longshore_volume_[0-9a-f]{8}");
        assertThat(there.list(
                        database,
                        "select concat_ws(' ', rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin,"
                                + " rolconnlimit) from pg_roles where rolname like 'longshore\\_%'"))
                .contains("f f f f f t 20")
                .doesNotContain("t");
        assertThat(there.list(database, "select rolpassword from pg_authid where rolname = '" + volume.name() + "'"))
                .allSatisfy(kept -> assertThat(kept).startsWith("SCRAM-SHA-256$"));
        try (Connection service = Login.of(moved.url(), volume).connect()) {
            assertThat(Sql.<Integer>one(service, row -> row.getInt(1), "select count(*) from volume"))
                    .isEqualTo(2);
            assertThatThrownBy(() -> Sql.execute(service, "select * from access.project"))
                    .hasMessageContaining("permission denied for schema access");
            assertThatThrownBy(() -> Sql.execute(service, "create schema mine"))
                    .hasMessageContaining("permission denied for database");
        }
    }

    @Test
    void whoIsNoSuperuserMovesToo() throws Exception {
        there.execute(
                "postgres",
                "create role dba" + databases + " login createrole password 'dba-password'",
                "alter database " + database + " owner to dba" + databases);
        Migration migration = new Migration(work, options("dba" + databases, "dba-password"), SCHEMAS, line -> {});
        assertThatThrownBy(() -> migration.copy(here.url(HERE), Map.of())).isInstanceOf(RuntimeException.class);
        move(migration);
        assertSame(database);
        assertThat(there.list(
                        database,
                        "select 1 from pg_auth_members where member = 'dba" + databases
                                + "'::regrole and (inherit_option or set_option)"))
                .as("rights in the services' schemas")
                .isEmpty();
    }

    @Test
    void interruptedAtAnyPointItBeginsAnew() throws Exception {
        for (int last : List.of(1, 2)) {
            List<String> said = new ArrayList<>();
            Migration interrupted = migration(TWO, line -> {
                said.add(line);
                if (said.size() == last) {
                    throw new IllegalStateException("killed");
                }
            });
            interrupted.check();
            assertThatThrownBy(() -> interrupted.copy(here.url(HERE), roles)).hasMessage("killed");
            assertThat(ExternalDatabase.chosen(work)).isFalse();
        }
        // Also when only the last step is missing.
        Migration unchosen = migration(TWO, line -> {});
        unchosen.copy(here.url(HERE), roles);
        move(migration(TWO, line -> {}));
        assertSameRows(database, TWO);
        assertThat(there.list(
                        database, "select rolname from pg_roles where pg_has_role(rolname, 'pg_monitor', 'member')"))
                .doesNotContain("longshore");
    }

    @Test
    void theServerMayGoAwayMeanwhile() throws Exception {
        List<String> said = new ArrayList<>();
        Migration cut = migration(TWO, line -> {
            said.add(line);
            if (said.size() == 1) {
                there.stop();
            }
        });
        cut.check();
        try {
            assertThatThrownBy(() -> cut.copy(here.url(HERE), roles))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("schema volume cannot be moved to postgresql://localhost/" + database)
                    .hasMessageContaining("nothing has changed here");
            assertThatThrownBy(() -> migration(TWO, line -> {}).check())
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("is not reached");
        } finally {
            there.startAgain();
        }
        assertThat(ExternalDatabase.chosen(work)).isFalse();
        move(migration(TWO, line -> {}));
        assertSameRows(database, TWO);
    }

    @Test
    void aDatabaseWithOurSchemasIsRefused() throws Exception {
        there.execute(database, "create schema image", "create table image.mine (a int)");
        assertThatThrownBy(() -> migration(line -> {}).check())
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("has image already, which are names of Longshore's schemas");
        assertThatThrownBy(() -> migration(line -> {}).copy(here.url(HERE), roles))
                .isInstanceOf(Failure.Conflict.class);
        assertThat(there.list(database, "select count(*)::text from image.mine"))
                .containsExactly("0");
    }

    @Test
    void anotherMigrationsLeftoversAreRefused(@TempDir Path other) throws Exception {
        new Migration(other, options("postgres", there.password()), TWO, line -> {}).copy(here.url(HERE), roles);
        assertThatThrownBy(() -> migration(TWO, line -> {}).check())
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("another migration to the database")
                .hasMessageContaining("drop schema access, longshore_migration, volume");
        assertThatThrownBy(() -> migration(TWO, line -> {}).copy(here.url(HERE), roles))
                .isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void onceChosenNothingThereIsClearedAway() throws Exception {
        move(migration(TWO, line -> {}));
        Files.delete(ExternalDatabase.file(work)); // as who goes back does
        assertThatThrownBy(() -> migration(TWO, line -> {}).check())
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("already");
    }

    @Test
    void anotherEncodingIsRefused() throws Exception {
        there.execute(
                "postgres", "create database latin" + databases + " encoding 'LATIN1' locale 'C' template template0");
        database = "latin" + databases;
        assertThatThrownBy(() -> migration(line -> {}).check())
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("is encoded in LATIN1");
    }

    @Test
    void whoMayNotMakeRolesOrSchemasIsRefused() throws Exception {
        there.execute(
                "postgres",
                "create role nobody" + databases + " login password 'some-password'",
                "create role maker" + databases + " login createrole password 'some-password'");
        for (Map.Entry<String, String> refusal : Map.of("nobody", "may not make roles", "maker", "may not make schemas")
                .entrySet()) {
            assertThatThrownBy(() -> new Migration(
                                    work, options(refusal.getKey() + databases, "some-password"), SCHEMAS, line -> {})
                            .check())
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining(refusal.getValue());
        }
    }

    @Test
    void aWrongPasswordAndAMissingDatabaseAreRefused() {
        assertThatThrownBy(() -> new Migration(work, options("postgres", "wrong"), SCHEMAS, line -> {}).check())
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("does not let postgres in");
        database = "none";
        assertThatThrownBy(() -> migration(line -> {}).check())
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("has no such database");
    }

    @Test
    void aSchemaThatSomebodyChangedIsRefused() throws Exception {
        Postgres changed = Postgres.start(template);
        try (changed) {
            Map<String, Role> own = changed.longshore(HERE, TWO);
            changed.execute(HERE, "alter table volume.volume add column mine text");
            Migration migration = migration(TWO, line -> {});
            assertThatThrownBy(() -> migration.copy(changed.url(HERE), own))
                    .isInstanceOf(Failure.Internal.class)
                    .hasMessageContaining("somebody else changed one of them");
        }
    }

    @Test
    void whatIsOfNoRowOfOursIsCopiedToo() throws Exception {
        Postgres odd = Postgres.start(template);
        String table = "create table \"Odd \"\"name\" (id int generated always as identity primary key,"
                + " up int references \"Odd \"\"name\" (id), many text[], grid int[][], twice int generated always as (id * 2) stored,"
                + " bytes bytea, place inet, span interval, real float8)";
        try (odd) {
            Role role = Migration.role(odd.longshore(HERE, List.of("volume")), "volume");
            Migration migration =
                    new Migration(work, options("postgres", there.password()), List.of("volume"), line -> {});
            ExternalDatabase moved = migration.copy(odd.url(HERE), Map.of("volume", role));
            Login from = Login.of(odd.url(HERE), role);
            Login to = Login.of(moved.url(), Migration.role(moved.roles(), "volume"));
            try (Connection first = from.connect();
                    Connection second = to.connect()) {
                Sql.execute(first, table);
                Sql.execute(first, "create sequence never_called start 42");
                Sql.execute(second, table);
                Sql.execute(second, "create sequence never_called start 7");
                Sql.execute(
                        first,
                        "insert into \"Odd \"\"name\" (up, many, grid, bytes, place, span, real) values"
                                + " (2, '{a,NULL,\"\",\"☃,\"}', '{{1,2},{3,4}}', '\\x00', '::1', '1 mon -2 d', 0.1), (1, '{}', null, '', null, null, 'NaN')");
                SchemaCopy.Copied copied = new SchemaCopy("volume", first, second).run();
                assertThat(copied.rows()).isGreaterThan(2);
            }
            try (Connection first = from.connect();
                    Connection second = to.connect()) {
                String rows = "select t::text from \"Odd \"\"name\" t order by 1";
                assertThat(Sql.list(second, row -> row.getString(1), rows))
                        .hasSize(2)
                        .isEqualTo(Sql.list(first, row -> row.getString(1), rows));
                assertThat(Sql.<Long>one(second, row -> row.getLong(1), "select nextval('never_called')"))
                        .isEqualTo(42);
            }
        }
    }

    @Test
    void aRowThatIsNotTheSameIsFound() throws Exception {
        Migration migration = migration(TWO, line -> {});
        ExternalDatabase moved = migration.copy(here.url(HERE), roles);
        there.execute(
                database,
                "create function volume.alter_row() returns trigger language plpgsql as"
                        + " $$begin new.version := new.version + 1; return new; end$$",
                "create trigger alter_row before insert on volume.volume for each row execute function volume.alter_row()",
                "grant execute on function volume.alter_row() to public");
        try (Connection first = Login.of(here.url(HERE), Migration.role(roles, "volume"))
                        .connect();
                Connection second = DriverManager.getConnection(moved.url(), "postgres", there.password())) {
            Sql.execute(second, "set search_path = volume");
            assertThatThrownBy(() -> new SchemaCopy("volume", first, second).run())
                    .isInstanceOf(Failure.Internal.class)
                    .hasMessageContaining("table volume.volume is not the same after it was copied");
        }
    }
}
