package io.longshore.image;

import static io.longshore.image.PasswordRegistry.PASSWORD;
import static io.longshore.image.PasswordRegistry.USER;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins that projects keep, with a registry that asks for one. */
class KeptLoginsIT {
    private static final String RIGHT = body(USER, PASSWORD);

    @TempDir
    static Path directory;

    private static ImageWorld world;

    private final String project = UUID.randomUUID().toString();
    private Engine engine;
    private PasswordRegistry registry;

    @BeforeAll
    static void start() throws InterruptedException {
        world = ImageWorld.start(directory);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void startRegistry() throws IOException {
        engine = world.engine(project);
        registry = PasswordRegistry.start();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    private static String body(String user, String password) {
        return "{\"username\":\"" + user + "\",\"password\":\"" + password + "\"}";
    }

    private Engine.Reply keep(Engine by, String body) {
        return by.put("/api/v1/registries/" + registry.host(), body);
    }

    /** What the registry has no image for, 404 by whoever it lets in. */
    private Engine.Reply asks(Engine by) {
        return by.get("/distribution/" + registry.host() + "/app/json");
    }

    private void isNotLetIn(Engine by, PasswordRegistry at) {
        assertThat(by.get("/distribution/" + at.host() + "/app/json").message()).endsWith("no basic auth credentials");
    }

    @Test
    void aLoginIsKeptAndToldWithoutItsPassword() {
        isNotLetIn(engine, registry);
        Engine.Reply kept = keep(engine, RIGHT).is(200);
        assertThat(kept.json().path("registry").asString()).isEqualTo(registry.host());
        assertThat(kept.json().path("username").asString()).isEqualTo(USER);
        assertThat(kept.json().path("keptAt").asString()).startsWith("20");
        asks(engine).is(404);
        Engine.Reply all = engine.get("/api/v1/registries").is(200);
        assertThat(all.json()).hasSize(1).containsExactly(kept.json());
        assertThat(all.body() + kept.body()).doesNotContain(PASSWORD);
    }

    @Test
    void itIsTheProjectsAlone() {
        keep(engine, RIGHT).is(200);
        Engine other = world.engine(UUID.randomUUID().toString());
        isNotLetIn(other, registry);
        assertThat(other.get("/api/v1/registries").is(200).json()).isEmpty();
        assertThat(other.delete("/api/v1/registries/" + registry.host()).is(404).message())
                .isEqualTo("no login is kept for " + registry.host());
        asks(engine).is(404);
    }

    @Test
    void itIsForItsRegistryAlone() throws IOException {
        keep(engine, RIGHT).is(200);
        try (PasswordRegistry other = PasswordRegistry.start()) {
            isNotLetIn(engine, other);
            assertThat(other.heard()).isEmpty();
        }
    }

    @Test
    void whatTheRegistryRefusesIsNotKept() {
        keep(engine, RIGHT).is(200);
        Engine.Reply refused = keep(engine, body(USER, "wrong")).is(400);
        assertThat(refused.message()).contains(registry.host(), "refuses the login of " + USER);
        assertThat(refused.message()).doesNotContain("wrong");
        asks(engine).is(404);
    }

    @Test
    void whatNamesNobodyOrExpiresIsRefused() {
        for (String body : List.of(
                "{}",
                "{\"username\":\"\"}",
                "{\"username\":\"keeper\"}",
                "{\"registrytoken\":\"t\"}",
                "{\"auth\":\"?\"}",
                "[]")) {
            keep(engine, body).is(400);
        }
        engine.put("/api/v1/registries/a%20b.example", RIGHT).is(400);
        assertThat(engine.get("/api/v1/registries").json()).isEmpty();
    }

    @Test
    void aRegistryThatIsNotThereIsSaidToBe() {
        registry.close();
        assertThat(keep(engine, RIGHT).message()).contains(registry.host());
        assertThat(engine.get("/api/v1/registries").json()).isEmpty();
    }

    @Test
    void anotherTakesItsPlaceAndARemovedOneIsGone() {
        keep(engine, RIGHT).is(200);
        keep(
                        engine,
                        "{\"auth\":\""
                                + Base64.getEncoder()
                                        .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8))
                                + "\"}")
                .is(200);
        assertThat(engine.get("/api/v1/registries").json()).hasSize(1);
        engine.delete("/api/v1/registries/" + registry.host()).is(204);
        isNotLetIn(engine, registry);
        engine.delete("/api/v1/registries/" + registry.host()).is(404);
    }

    @Test
    void manyAtOnceKeepOne() {
        List<Integer> statuses = IntStream.range(0, 16)
                .parallel()
                .mapToObj(i -> keep(engine, RIGHT).status())
                .toList();
        assertThat(statuses).containsOnly(200);
        assertThat(engine.get("/api/v1/registries").json()).hasSize(1);
    }

    @Test
    void theDatabaseHasNoPassword() {
        keep(engine, RIGHT).is(200);
        List<@Nullable String> rows = world.database()
                .jdbc()
                .sql("select kept_login::text || encode(sealed, 'escape') from kept_login")
                .query(String.class)
                .list();
        assertThat(rows)
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row)
                        .contains(USER)
                        .doesNotContain(
                                PASSWORD,
                                Base64.getEncoder().encodeToString(PASSWORD.getBytes(StandardCharsets.UTF_8))));
    }

    /** Most of them are copies of one's row, since the registry of each that is kept must be there to be asked. */
    @Test
    void oneMoreThanAProjectMayKeepIsRefused() throws IOException {
        keep(engine, RIGHT).is(200);
        world.database()
                .jdbc()
                .sql("insert into kept_login (project, domain, username, sealed, kept_at, version)"
                        + " select project, 'r' || n || '.example', username, sealed, kept_at, version"
                        + " from kept_login, generate_series(1, 255) n where project = :project")
                .param("project", project)
                .update();
        assertThat(engine.get("/api/v1/registries").json()).hasSize(256);
        keep(engine, RIGHT).is(200);
        try (PasswordRegistry other = PasswordRegistry.start()) {
            String path = "/api/v1/registries/" + other.host();
            assertThat(engine.put(path, RIGHT).is(409).message())
                    .isEqualTo("logins for 256 registries are kept already: remove one before");
            engine.delete("/api/v1/registries/r1.example").is(204);
            engine.put(path, RIGHT).is(200);
        }
        assertThat(engine.get("/api/v1/registries").json()).hasSize(256);
    }

    @Test
    void withoutAKeyItSaysWhatToDo() throws IOException {
        keep(engine, RIGHT).is(200);
        try {
            world.restartImagesWithoutKey();
            engine = world.engine(project);
            int asked = registry.heard().size();
            for (Engine.Reply refused : List.of(keep(engine, RIGHT), asks(engine))) {
                assertThat(refused.is(503).message()).contains("set image.logins.key-file");
            }
            assertThat(registry.heard()).hasSize(asked);
            engine.delete("/api/v1/registries/" + registry.host()).is(204);
            isNotLetIn(engine, registry);
        } finally {
            world.restartImages();
        }
    }

    @Test
    void withAnotherKeyItSaysSo() throws IOException {
        keep(engine, RIGHT).is(200);
        String before = Files.readString(world.loginKey());
        byte[] other = new byte[32];
        new SecureRandom().nextBytes(other);
        try {
            Files.writeString(world.loginKey(), Base64.getEncoder().encodeToString(other));
            world.restartImages();
            engine = world.engine(project);
            assertThat(asks(engine).is(500).message()).contains(registry.host(), "image.logins.key-file");
            keep(engine, RIGHT).is(200);
            asks(engine).is(404);
        } finally {
            Files.writeString(world.loginKey(), before);
            world.restartImages();
        }
    }
}
