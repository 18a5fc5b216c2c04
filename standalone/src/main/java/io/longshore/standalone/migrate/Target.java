package io.longshore.standalone.migrate;

import static io.longshore.standalone.migrate.Sql.execute;
import static io.longshore.standalone.migrate.Sql.name;
import static io.longshore.standalone.migrate.Sql.one;

import io.longshore.contracts.error.Failure;
import io.longshore.postgres.Provisioning;
import io.longshore.postgres.Provisioning.Role;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The database that everything goes to, as who administers it sees it. What a migration makes there and its marker come in one
 * transaction, so whatever is there with the marker is of an unfinished one.
 */
final class Target {
    private static final String MARKER = "longshore_migration";
    private static final String ENCODING = "UTF8";
    private static final String UNREACHED = "08";
    private static final String NOT_LET_IN = "28";
    private static final String NO_DATABASE = "3D000";

    private final MigrateOptions options;

    Target(MigrateOptions options) {
        this.options = options;
    }

    /** Whether a migration to it could succeed; changes nothing. A {@link Failure} says why not. */
    void check(RunId run, List<String> schemas) {
        try (Connection admin = connect()) {
            ServerVersion.parse(text(admin, "show server_version_num")).requireSupported();
            if (is(admin, "select pg_is_in_recovery()")) {
                throw new Failure.Invalid(options.to() + " is a replica, which cannot be written to: name the primary");
            }
            String encoding = text(
                    admin, "select pg_encoding_to_char(encoding) from pg_database where datname = current_database()");
            if (!encoding.equals(ENCODING)) {
                throw new Failure.Invalid("the database at " + options.to() + " is encoded in " + encoding
                        + ", and Longshore's names and labels are UTF-8: make another, with"
                        + " create database ... encoding 'UTF8' template template0");
            }
            if (!is(admin, "select rolsuper or rolcreaterole from pg_roles where rolname = current_user")) {
                throw new Failure.Invalid("user " + options.user() + " at " + options.to()
                        + " may not make roles: name another with --user, or: alter role ... createrole");
            }
            if (!is(admin, "select has_database_privilege(current_database(), 'CREATE')")) {
                throw new Failure.Invalid("user " + options.user() + " may not make schemas in the database at "
                        + options.to() + ": name another with --user, or: grant create on database ...");
            }
            requireEmpty(admin, run, schemas);
        } catch (SQLException e) {
            throw failed("cannot be looked at", e);
        }
    }

    /** Nothing of ours, but for what an unfinished migration from here left. */
    private void requireEmpty(Connection admin, RunId run, List<String> schemas) throws SQLException {
        List<String> marks = marks(admin);
        if (marks.contains(run.hex())) {
            return;
        }
        List<String> all = new ArrayList<>(schemas);
        all.add(MARKER);
        List<String> taken = taken(admin, all);
        if (!marks.isEmpty()) {
            throw new Failure.Conflict("another migration to the database at " + options.to()
                    + " is unfinished, and not one from this work directory: let it end, or take another database;"
                    + " if nobody needs what it has: drop schema " + String.join(", ", taken) + " cascade");
        }
        if (!taken.isEmpty()) {
            throw new Failure.Conflict("the database at " + options.to() + " has " + String.join(", ", taken)
                    + " already, which are names of Longshore's schemas: take another database;"
                    + " nothing there is overwritten");
        }
    }

    /** Clears away what an unfinished migration from here left, and makes the roles and their empty schemas. */
    Map<String, Role> prepare(RunId run, List<String> schemas) {
        Map<String, Role> roles = new LinkedHashMap<>();
        try (Connection admin = connect()) {
            admin.setAutoCommit(false);
            requireEmpty(admin, run, schemas);
            if (!marks(admin).isEmpty()) {
                clear(admin, run, schemas);
            }
            execute(admin, "create schema " + MARKER);
            execute(
                    admin,
                    "create table " + MARKER + ".unfinished (run text primary key, since timestamptz not null"
                            + " default now())");
            execute(admin, "insert into " + MARKER + ".unfinished (run) values ('" + run.hex() + "')");
            String database = name(text(admin, "select current_database()"));
            for (String schema : schemas) {
                Role role = new Role(run.role(schema), Provisioning.randomPassword(), schema);
                make(admin, database, role);
                roles.put(schema, role);
            }
            admin.commit();
            return roles;
        } catch (SQLException e) {
            throw failed("cannot be prepared", e);
        }
    }

    private static void make(Connection admin, String database, Role role) throws SQLException {
        execute(
                admin,
                "create role " + name(role.name()) + " login connection limit 20 password '"
                        + Provisioning.verifier(role.password()) + "'");
        if (!superuser(admin)) {
            // Who is no superuser gives away only to those it is a member of.
            execute(admin, "grant " + name(role.name()) + " to current_user");
        }
        execute(admin, "grant connect on database " + database + " to " + name(role.name()));
        execute(admin, "create schema " + name(role.schema()) + " authorization " + name(role.name()));
    }

    private static void clear(Connection admin, RunId run, List<String> schemas) throws SQLException {
        for (String schema : schemas) {
            execute(admin, "drop schema if exists " + name(schema) + " cascade");
            String role = run.role(schema);
            if (one(
                    admin,
                    row -> row.getBoolean(1),
                    "select exists (select 1 from pg_roles where rolname = ?)",
                    role)) {
                execute(admin, "drop owned by " + name(role) + " cascade");
                execute(admin, "drop role " + name(role));
            }
        }
        execute(admin, "drop schema " + MARKER + " cascade");
    }

    /** Takes the marker away, and the administrator out of the services' roles. */
    void finish(RunId run, List<String> schemas) {
        try (Connection admin = connect()) {
            admin.setAutoCommit(false);
            if (marks(admin).contains(run.hex())) {
                execute(admin, "drop schema " + MARKER + " cascade");
            }
            if (!superuser(admin)) {
                for (String schema : schemas) {
                    execute(admin, "revoke " + name(run.role(schema)) + " from current_user");
                }
            }
            admin.commit();
        } catch (SQLException e) {
            throw failed("keeps the marker of the migration; drop schema " + MARKER + " cascade takes it away", e);
        }
    }

    private static List<String> marks(Connection admin) throws SQLException {
        return text(admin, "select coalesce(to_regclass('" + MARKER + ".unfinished')::text, '')")
                        .isEmpty()
                ? List.of()
                : Sql.list(admin, row -> row.getString(1), "select run from " + MARKER + ".unfinished");
    }

    private static List<String> taken(Connection admin, List<String> schemas) throws SQLException {
        return Sql.list(
                admin,
                row -> row.getString(1),
                "select nspname from pg_namespace where nspname = any (?) order by nspname",
                (Object) schemas.toArray(String[]::new));
    }

    private static boolean superuser(Connection admin) throws SQLException {
        return is(admin, "select rolsuper from pg_roles where rolname = current_user");
    }

    private static boolean is(Connection admin, String sql) throws SQLException {
        return one(admin, row -> row.getBoolean(1), sql);
    }

    private static String text(Connection admin, String sql) throws SQLException {
        return one(admin, (ResultSet row) -> row.getString(1), sql);
    }

    private Connection connect() throws SQLException {
        return new Login(options.to().jdbc(), options.user(), options.password(), "").connect();
    }

    /** The driver says of an unknown host only that the attempt failed, and ends in a full stop. */
    private static String message(SQLException failure) {
        Throwable cause = failure.getCause();
        String all = failure.getMessage() + (cause == null ? "" : " " + cause.getMessage());
        return all.replaceFirst("[.\\s]+$", "").replaceAll("\\s*\\R\\s*", " ");
    }

    private Failure failed(String what, SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        String message = message(cause);
        if (state.equals(NO_DATABASE)) {
            return new Failure.Invalid(
                    "the server at " + options.to() + " has no such database: make it there, with"
                            + " create database ... encoding 'UTF8' template template0",
                    cause);
        }
        if (state.startsWith(NOT_LET_IN)) {
            return new Failure.Invalid(
                    "the server at " + options.to() + " does not let " + options.user() + " in: " + message, cause);
        }
        if (state.startsWith(UNREACHED)) {
            return new Failure.Unavailable(
                    "the server at " + options.to() + " is not reached: " + message
                            + "; see that it runs, and listens for this machine",
                    cause);
        }
        return new Failure.Invalid("the database at " + options.to() + " " + what + ": " + message, cause);
    }
}
