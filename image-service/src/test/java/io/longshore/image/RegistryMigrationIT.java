package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** All images come to the system registry at once: what was local before there was one, and what it has lost. No sweep helps. */
class RegistryMigrationIT {
    @TempDir
    static Path directory;

    private static DebianRegistry registry;
    private static TwoNodes world;

    private final String project = UUID.randomUUID().toString();

    @BeforeAll
    static void start() throws IOException {
        registry = DebianRegistry.start(directory.resolve("registry"), DebianRegistry.Options.OPEN, null);
        world = TwoNodes.start(
                directory,
                Map.of("image.system-registry.address", registry.host() + "/fleet", "image.sweep.every", "1h"));
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
        registry.close();
    }

    /** Loaded while there is no registry. */
    private TestImage local(String project, String name) {
        registry.stop();
        try {
            return load(project, name);
        } finally {
            registry.restart();
        }
    }

    private static TestImage load(String project, String name) {
        TestImage image = new TestImage()
                .layer(new TestLayer().file("project", project + name))
                .named(name);
        world.engine(project).post("/images/load", image.archive()).is(200);
        return image;
    }

    private List<JsonNode> migrate() {
        return world.engine(project)
                .post("/api/v1/system-registry/images")
                .is(200)
                .lines();
    }

    private static JsonNode of(List<JsonNode> lines, TestImage image) {
        return lines.stream()
                .filter(line -> line.path("id").asString("").equals(image.id().value()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line of " + image.id() + " in " + lines));
    }

    private static String status(List<JsonNode> lines, TestImage image) {
        return of(lines, image).path("status").asString("");
    }

    private Document.Manifest manifest(String owner, TestImage image) {
        try (RegistryClient client =
                RegistryClient.reading(registry.host(), "fleet/longshore/" + owner, RegistryAccess.DEFAULT, null)) {
            return (Document.Manifest) client.manifest(image.id().hex()).document();
        }
    }

    @Test
    void imagesOfAllProjectsComeAndTheSecondTimeTheyAreThere() {
        String other = UUID.randomUUID().toString();
        TestImage mine = local(project, "mine:1");
        TestImage theirs = local(other, "theirs:1");
        List<JsonNode> lines = migrate();
        assertThat(status(lines, mine)).isEqualTo("Brought");
        assertThat(of(lines, mine).path("names").get(0).asString()).isEqualTo("mine:1");
        assertThat(of(lines, theirs).path("project").asString()).isEqualTo(other);
        assertThat(lines.getLast().path("status").asString(""))
                .startsWith("The system registry " + registry.host() + "/fleet has all images: ");
        assertThat(manifest(project, mine).config().digest()).isEqualTo(mine.id());
        assertThat(manifest(other, theirs).config().digest()).isEqualTo(theirs.id());
        List<JsonNode> again = migrate();
        assertThat(status(again, mine)).isEqualTo("Already there");
        assertThat(again.getLast().path("status").asString("")).contains(": 0 brought, ");
        JsonNode state =
                world.engine(project).get("/api/v1/system-registry").is(200).json();
        assertThat(state.path("address").asString()).isEqualTo(registry.host() + "/fleet");
        assertThat(state.path("images").asInt())
                .isEqualTo(state.path("there").asInt())
                .isEqualTo(again.size() - 1);
    }

    @Test
    void whatTheRegistryLostIsMissedAndBroughtAgain() throws IOException {
        TestImage layer = load(project, "layer:1");
        TestImage config = load(project, "config:1");
        Files.delete(registry.blob(
                manifest(project, layer).layers().getFirst().digest().hex()));
        Files.delete(registry.blob(config.id().hex()));
        List<JsonNode> lines = migrate();
        assertThat(status(lines, layer)).isEqualTo("Brought");
        assertThat(status(lines, config)).isEqualTo("Brought");
        assertThat(status(migrate(), layer)).isEqualTo("Already there");
        Owner owner = new Owner(ContainerId.random(), 1);
        world.claims().claim(world.engine(project).caller(), new ImageClaim(owner, "layer:1"));
        world.claims().place(world.engine(project).caller(), new ImagePlace(owner, world.id("b")));
        assertThat(world.held("b", world.engine(project), layer)).hasSize(1);
    }

    @Test
    void anImageThatNoNodeCanGiveHindersNoOtherOne() {
        TestImage away = local(project, "away:1");
        TestImage there = load(project, "there:1");
        world.fleet().down(world.id("a"), true);
        List<JsonNode> lines;
        try {
            lines = migrate();
        } finally {
            world.fleet().down(world.id("a"), false);
        }
        assertThat(status(lines, away)).isEqualTo("Failed");
        assertThat(of(lines, away).path("error").asString())
                .contains("no node that holds it is ready")
                .contains(world.id("a").value());
        assertThat(status(lines, there)).isEqualTo("Already there");
        assertThat(lines.getLast().path("error").asString(""))
                .startsWith("1 of ")
                .contains(" images are not in the system registry " + registry.host() + "/fleet; ");
        assertThat(status(migrate(), away)).isEqualTo("Brought");
    }

    @Test
    void aRegistryThatDoesNotAnswerEndsIt() {
        load(project, "one:1");
        load(project, "two:1");
        registry.stop();
        List<JsonNode> lines;
        try {
            lines = migrate();
        } finally {
            registry.restart();
        }
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst().path("status").asString("")).isEqualTo("Failed");
        assertThat(lines.getLast().path("error").asString("")).contains(", which does not answer; 0 brought, 0 there");
    }
}
