package io.longshore.platform.data;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The scripts that make a service's schema: its own in {@code db/<schema>}, and those of the outbox, which every service has. */
public final class SchemaMigrations {
    private SchemaMigrations() {}

    /**
     * What brings a schema to the version of this build.
     *
     * @param owner connects as the role that owns the schema
     * @param schema is there already
     */
    public static Flyway of(DataSource owner, String schema) {
        return Flyway.configure()
                .dataSource(owner)
                .schemas(schema)
                .defaultSchema(schema)
                .locations("classpath:db/outbox", "classpath:db/" + schema)
                .validateMigrationNaming(true)
                .failOnMissingLocations(true)
                .cleanDisabled(true)
                .load();
    }
}
