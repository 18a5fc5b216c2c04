package io.longshore.standalone;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.postgres.OsUser;
import io.longshore.standalone.join.NodeFile;
import io.longshore.standalone.migrate.ExternalDatabase;
import io.longshore.standalone.migrate.MigrateOptions;
import io.longshore.standalone.migrate.Migration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code ./longshore migrate-db --to URL --user ADMIN --password-file FILE}: moves the embedded database to another PostgreSQL. */
public final class MigrateMain {
    private final StandaloneProperties properties;
    private final OsUser postgres;

    private MigrateMain(StandaloneProperties properties) {
        this.properties = properties;
        this.postgres = new OsUser(properties.postgresUserOrDefault(), properties.postgresUserOrDefault());
    }

    public static void main(String[] arguments) {
        List<String> given = List.of(arguments);
        try {
            MigrateOptions options = MigrateOptions.parse(given);
            Settings settings = Settings.load(given, System.getenv());
            new MigrateMain(settings.section(StandaloneProperties.class)).run(options);
        } catch (Failure e) {
            fail(e.text());
        } catch (StartFailure | IllegalArgumentException | IOException e) {
            fail(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            fail("the database was not moved: " + e);
        }
    }

    private void run(MigrateOptions options) throws IOException {
        Path root = properties.workDirectoryOrDefault();
        requireDatabase(root);
        try (WorkDirectory _ = WorkDirectory.open(root, postgres.group())) {
            if (ExternalDatabase.chosen(root)) {
                Database.settle(root, properties.postgresBinariesOrDefault(), postgres);
                throw new Failure.Conflict(ExternalDatabase.file(root)
                        + " names an external database, which is in use already; to move that to another server,"
                        + " take PostgreSQL's own tools, and write the other URL there");
            }
            move(root, options);
        }
    }

    private static void requireDatabase(Path root) {
        if (new NodeFile(root).exists()) {
            throw new Failure.Conflict("this machine is a node of a fleet, whose database is elsewhere: " + root
                    + " has its node.properties");
        }
        if (!ExternalDatabase.chosen(root) && !Database.embeddedIn(root)) {
            throw new Failure.Conflict("there is no database in " + root.resolve("postgres")
                    + " to be moved: ./longshore up makes one, and migrate-db moves it after ./longshore down");
        }
    }

    private void move(Path root, MigrateOptions options) throws IOException {
        Migration migration = new Migration(root, options, Database.schemas(), System.out::println);
        migration.check();
        ExternalDatabase moved;
        System.out.println("Moving the database to " + options.where());
        try (Database embedded = Database.start(root, properties.postgresBinariesOrDefault(), postgres)) {
            moved = migration.copy(embedded.url(), embedded.roles());
        }
        migration.choose(moved);
        Database.settle(root, properties.postgresBinariesOrDefault(), postgres);
        System.out.println("Moved. From now on ./longshore up uses it:");
        System.out.println("  settings  " + ExternalDatabase.file(root));
        System.out.println("  before    " + root.resolve("postgres/data.moved")
                + ", the database as it was; docs/fleet.md says how to go back, and how to remove it");
        try {
            migration.finish();
        } catch (Failure e) {
            System.out.println("warning: " + e.text());
        }
    }

    private static void fail(String message) {
        System.err.println("longshore: " + message);
        System.exit(1);
    }
}
