package io.longshore.standalone;

import io.longshore.platform.run.Part;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.postgres.EmbeddedPostgres;
import io.longshore.postgres.OsUser;
import io.longshore.postgres.PostgresFailure;
import io.longshore.postgres.PostgresSettings;
import io.longshore.postgres.Provisioning;
import io.longshore.postgres.Provisioning.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The embedded PostgreSQL with a role and a schema for each service. The roles' passwords are new at each start and only in
 * memory.
 */
final class Database implements AutoCloseable {
    private static final String NAME = "longshore";

    private final EmbeddedPostgres server;
    private final Map<Part, Role> roles;

    private Database(EmbeddedPostgres server, Map<Part, Role> roles) {
        this.server = server;
        this.roles = roles;
    }

    /** Starts the server in {@code postgres} below the work directory, with the programs in {@code binaries}. */
    static Database start(Path workDirectory, Path binaries, OsUser user) {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.start(
                    PostgresSettings.durable(workDirectory.resolve("postgres"), binaries, Optional.of(user)));
            Map<Part, Role> roles = Applications.WITH_SCHEMA.stream()
                    .collect(Collectors.toMap(
                            Function.identity(),
                            part -> new Role(part.id(), Provisioning.randomPassword(), part.id())));
            Provisioning provisioning = new Provisioning(server);
            provisioning.database(NAME);
            provisioning.services(NAME, List.copyOf(roles.values()));
            return new Database(server, roles);
        } catch (PostgresFailure e) {
            throw failed(e);
        }
    }

    /** The settings with the address and the role of this part, unchanged for a part without a schema. */
    Settings settings(Settings common, Part part) {
        Role role = roles.get(part);
        return role == null
                ? common
                : common.with(Map.of(
                        "database.url", server.url(NAME),
                        "database.user", role.name(),
                        "database.password", role.password()));
    }

    /** Completed, with a message for the operator, when the server ended and could not be kept running. */
    CompletionStage<StartFailure> failure() {
        return server.failure().thenApply(Database::failed);
    }

    private static StartFailure failed(PostgresFailure cause) {
        return new StartFailure(cause.getMessage() == null ? "PostgreSQL cannot run" : cause.getMessage(), cause);
    }

    @Override
    public void close() {
        server.close();
    }
}
