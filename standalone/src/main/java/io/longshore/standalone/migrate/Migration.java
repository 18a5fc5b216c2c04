package io.longshore.standalone.migrate;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.data.SchemaMigrations;
import io.longshore.postgres.Provisioning.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flywaydb.core.api.FlywayException;

/**
 * Moves the schemas of a Longshore that does not run to another PostgreSQL. Until {@link #choose} the database here is the truth,
 * whatever happens; a migration that was interrupted before is begun anew by the next.
 */
public final class Migration {
    private static final String ANEW = "; nothing has changed here, and ./longshore migrate-db begins anew";

    private final Path work;
    private final MigrateOptions options;
    private final List<String> schemas;
    private final Consumer<String> said;
    private final Target target;
    private final RunId run;

    /**
     * @param work the work directory, held by this process
     * @param said is told a line for each thing done
     */
    public Migration(Path work, MigrateOptions options, List<String> schemas, Consumer<String> said)
            throws IOException {
        this.work = work;
        this.options = options;
        this.schemas = schemas;
        this.said = said;
        this.target = new Target(options);
        this.run = RunId.ofWork(work);
    }

    /** Looks whether it could succeed; a {@link Failure} says why not. */
    public void check() {
        target.check(run, schemas);
    }

    /**
     * Copies all schemas and compares what came to be with what is here.
     *
     * @param url for JDBC, of the database that is the truth
     * @param here the services' roles at it
     */
    public ExternalDatabase copy(String url, Map<String, Role> here) {
        Map<String, Role> there = target.prepare(run, schemas);
        for (String schema : schemas) {
            try {
                said.accept(copy(
                        schema,
                        Login.of(url, role(here, schema)),
                        Login.of(options.to().jdbc(), role(there, schema))));
            } catch (SQLException | FlywayException e) {
                throw new Failure.Unavailable(
                        "schema " + schema + " cannot be moved to " + options.to() + ": " + e.getMessage() + ANEW, e);
            }
        }
        return new ExternalDatabase(options.to().jdbc(), there);
    }

    static Role role(Map<String, Role> roles, String schema) {
        Role role = roles.get(schema);
        if (role == null) {
            throw new IllegalArgumentException("no role for schema " + schema);
        }
        return role;
    }

    private static String copy(String schema, Login here, Login there) throws SQLException {
        // The scripts that this build would run at its next start here, so that both are of one version.
        SchemaMigrations.of(here.source(), schema).migrate();
        SchemaMigrations.of(there.source(), schema).migrate();
        try (Connection from = here.connect();
                Connection to = there.connect()) {
            SchemaCopy.Copied copied = new SchemaCopy(schema, from, to).run();
            return "  %-9s  %,d rows in %d tables, the same on both sides"
                    .formatted(schema, copied.rows(), copied.tables());
        }
    }

    /** From here on the other database is the truth, and what this one left behind there is its own. */
    public void choose(ExternalDatabase database) throws IOException {
        database.write(work);
        RunId.forget(work);
    }

    /** Takes away there what only the migration needed. */
    public void finish() {
        target.finish(run, schemas);
    }

    /** After the external database was chosen: what a migration that was killed right then left to be done here. */
    public static void settle(Path work) throws IOException {
        RunId.forget(work);
    }
}
