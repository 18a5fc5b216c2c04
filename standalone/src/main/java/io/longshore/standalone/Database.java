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
import io.longshore.standalone.migrate.ExternalDatabase;
import io.longshore.standalone.migrate.Migration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The PostgreSQL of the standalone form, with a role and a schema for each service: the embedded one, or one that was chosen instead. */
final class Database implements AutoCloseable {
    private static final String NAME = "longshore";

    private final String url;
    private final Map<Part, Role> roles;
    private final @Nullable EmbeddedPostgres server;

    private Database(String url, Map<Part, Role> roles, @Nullable EmbeddedPostgres server) {
        this.url = url;
        this.roles = roles;
        this.server = server;
    }

    /** The names of all schemas. */
    static List<String> schemas() {
        return Applications.WITH_SCHEMA.stream().map(Part::id).toList();
    }

    /** Whether there is data of an embedded server. */
    static boolean embeddedIn(Path workDirectory) {
        return Files.exists(workDirectory.resolve("postgres").resolve("data"));
    }

    /** The one that is the truth, started if it is the embedded one. */
    static Database open(Path workDirectory, Path binaries, OsUser user) {
        return ExternalDatabase.chosen(workDirectory)
                ? external(workDirectory, binaries, user)
                : start(workDirectory, binaries, user);
    }

    private static Database external(Path workDirectory, Path binaries, OsUser user) {
        ExternalDatabase chosen = ExternalDatabase.read(workDirectory, schemas());
        settle(workDirectory, binaries, user);
        return new Database(
                chosen.url(),
                Applications.WITH_SCHEMA.stream()
                        .collect(Collectors.toMap(
                                Function.identity(),
                                part -> Objects.requireNonNull(chosen.roles().get(part.id())))),
                null);
    }

    /** Sees to it that nobody takes what the embedded server had for the truth, now that another one is. */
    static void settle(Path workDirectory, Path binaries, OsUser user) {
        try {
            EmbeddedPostgres.setAside(settings(workDirectory, binaries, user));
            Migration.settle(workDirectory);
        } catch (PostgresFailure e) {
            throw failed(e);
        } catch (IOException e) {
            throw new StartFailure("cannot tidy " + workDirectory + " after a migration: " + e, e);
        }
    }

    private static PostgresSettings settings(Path workDirectory, Path binaries, OsUser user) {
        return PostgresSettings.durable(workDirectory.resolve("postgres"), binaries, Optional.of(user));
    }

    /**
     * Starts the server in {@code postgres} below the work directory, with the programs in {@code binaries}. The roles' passwords are new at
     * each start and only in memory.
     */
    static Database start(Path workDirectory, Path binaries, OsUser user) {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.start(settings(workDirectory, binaries, user));
            Map<Part, Role> roles = Applications.WITH_SCHEMA.stream()
                    .collect(Collectors.toMap(
                            Function.identity(),
                            part -> new Role(part.id(), Provisioning.randomPassword(), part.id())));
            Provisioning provisioning = new Provisioning(server);
            provisioning.database(NAME);
            provisioning.services(NAME, List.copyOf(roles.values()));
            return new Database(server.url(NAME), roles, server);
        } catch (PostgresFailure e) {
            throw failed(e);
        }
    }

    /** For JDBC. */
    String url() {
        return url;
    }

    /** The services' logins by their schemas. */
    Map<String, Role> roles() {
        return roles.values().stream().collect(Collectors.toMap(Role::schema, Function.identity()));
    }

    /** The settings with the address and the role of this part, unchanged for a part without a schema. */
    Settings settings(Settings common, Part part) {
        Role role = roles.get(part);
        return role == null
                ? common
                : common.with(Map.of(
                        "database.url", url,
                        "database.user", role.name(),
                        "database.password", role.password()));
    }

    /** Completed, with a message for the operator, when the embedded server ended and could not be kept running. */
    CompletionStage<StartFailure> failure() {
        return server == null ? new CompletableFuture<>() : server.failure().thenApply(Database::failed);
    }

    private static StartFailure failed(PostgresFailure cause) {
        return new StartFailure(cause.getMessage() == null ? "PostgreSQL cannot run" : cause.getMessage(), cause);
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
