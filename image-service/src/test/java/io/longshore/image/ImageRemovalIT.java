package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;

/** What keeps an image, and what becomes of its layers. Each case has a project of its own. */
class ImageRemovalIT {
    /** Far longer than from one turn of the sweep to the next. */
    private static final Duration SWEEP = Duration.ofMinutes(2);

    @TempDir
    static Path directory;

    private static ImageWorld world;
    private static ImageApi claims;

    private final String project = UUID.randomUUID().toString();
    private Engine engine;

    @BeforeAll
    static void start() throws InterruptedException {
        world = ImageWorld.start(directory);
        claims = world.claims();
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void connect() {
        engine = world.engine(project);
    }

    private TestImage image(String... names) {
        TestImage image = new TestImage()
                .layer(new TestLayer().file("project", project))
                .layer(new TestLayer().file("second", project));
        for (String name : names) {
            image.named(name);
        }
        return image;
    }

    private TestImage load(String... names) {
        TestImage image = image(names);
        engine.post("/images/load", image.archive()).is(200);
        return image;
    }

    private static String shortForm(Digest id) {
        return id.hex().substring(0, 12);
    }

    private void awaitGone(TestImage image) throws InterruptedException {
        Instant end = Instant.now().plus(SWEEP);
        while (!world.held(engine, image).isEmpty()) {
            assertThat(Instant.now()).as("the layers are still on the node").isBefore(end);
            Thread.sleep(100);
        }
    }

    /** This test's own connections to the agent before its restart are broken, and a POST is not sent a second time by itself. */
    private int heldAfterRestart(TestImage image) {
        for (int broken = 0; ; broken++) {
            try {
                return world.held(engine, image).size();
            } catch (Failure.Unavailable e) {
                assertThat(broken).as("broken connections: %s", e.text()).isLessThan(8);
            }
        }
    }

    /** They are committed together, and one that finds nothing is no harm to the others. */
    @Test
    void claimsAtTheSameTimeAreEachOfWhatTheyName() throws Exception {
        TestImage one = load("one:1");
        TestImage two =
                new TestImage().layer(new TestLayer().file("other", project)).named("two:1");
        engine.post("/images/load", two.archive()).is(200);
        Map<String, Optional<Digest>> expected = Map.of(
                "one:1",
                Optional.of(one.id()),
                "two:1",
                Optional.of(two.id()),
                shortForm(two.id()),
                Optional.of(two.id()),
                "missing:1",
                Optional.empty());
        Owner shared = new Owner(ContainerId.random(), 1);
        Map<String, Future<?>> all = new HashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < 40; n++) {
                expected.forEach((name, image) -> all.put(name + " " + all.size(), threads.submit(() -> {
                    claims.claim(engine.caller(), new ImageClaim(shared, "one:1"));
                    for (int i = 0; i < 5; i++) {
                        assertThat(claimed(name)).isEqualTo(image);
                    }
                })));
            }
            for (var claim : all.entrySet()) {
                assertThat(claim.getValue()).as(claim.getKey()).succeedsWithin(Duration.ofMinutes(1));
            }
        }
        assertThat(claims.list(engine.caller(), null, 1_000).claims()).hasSize(40 * 3 * 5 + 1);
    }

    private Optional<Digest> claimed(String image) {
        try {
            return Optional.of(claims.claim(engine.caller(), new ImageClaim(new Owner(ContainerId.random(), 1), image))
                    .id());
        } catch (Failure.NotFound e) {
            return Optional.empty();
        }
    }

    private Owner claim(String image) {
        Owner owner = new Owner(ContainerId.random(), 1);
        claims.claim(engine.caller(), new ImageClaim(owner, image));
        return owner;
    }

    @Test
    void aStoppedContainerKeepsTheImageUnlessForceIsUsed() throws InterruptedException {
        TestImage image = load("app:1");
        Owner owner = claim("app:1");
        assertThat(engine.get("/internal/images/usage?version=1.51")
                        .json()
                        .at("/images/0/Containers")
                        .asInt())
                .isEqualTo(1);
        String id = shortForm(image.id());
        String container = owner.container().shortForm();
        assertThat(engine.delete("/images/app:1").is(409).message())
                .isEqualTo("conflict: unable to remove repository reference \"app:1\" (must force) - container "
                        + container + " is using its referenced image " + id);
        assertThat(engine.delete("/images/" + id).is(409).message())
                .isEqualTo("conflict: unable to delete " + id
                        + " (must be forced) - image is being used by stopped container " + container);
        assertThat(engine.delete("/images/app:1?force=1").is(200).body())
                .isEqualTo("[{\"Untagged\":\"app:1\"},{\"Deleted\":\"" + image.id() + "\"}]");
        engine.get("/images/" + id + "/json").is(404);
        assertThat(engine.get("/images/json").json()).isEmpty();
        assertThat(claims.count(engine.caller())).isZero();
        engine.delete("/images/" + id + "?force=1").is(404);
        assertThat(world.held(engine, image)).hasSize(2);
        claims.release(engine.caller(), List.of(owner));
        awaitGone(image);
    }

    @Test
    void anImageThatIsLoadedAgainIsThereAgain() {
        TestImage image = load("app:1");
        Owner owner = claim("app:1");
        engine.delete("/images/" + image.id() + "?force=1").is(200);
        engine.post("/images/load", image.archive()).is(200);
        assertThat(engine.get("/images/app:1/json").is(200).json().path("Id").asString())
                .isEqualTo(image.id().value());
        claims.release(engine.caller(), List.of(owner));
        assertThat(engine.delete("/images/app:1").is(200).json()).hasSize(4);
        assertThat(world.held(engine, image)).isEmpty();
    }

    @Test
    void severalNamesComeBeforeAStoppedContainer() {
        TestImage image = load("app:1");
        engine.post("/images/app:1/tag?repo=second").is(201);
        claim("app:1");
        String id = shortForm(image.id());
        assertThat(engine.delete("/images/" + id).is(409).message())
                .isEqualTo("conflict: unable to delete " + id
                        + " (must be forced) - image is referenced in multiple repositories");
        assertThat(engine.delete("/images/" + id + "?force=1").is(200).body())
                .isEqualTo("[{\"Untagged\":\"app:1\"},{\"Untagged\":\"second:latest\"},{\"Deleted\":\"" + image.id()
                        + "\"}]");
    }

    @Test
    void aRunningContainerKeepsTheImageFromForceToo() {
        TestImage image = load("app:1");
        Owner owner = claim("app:1");
        ContainerId container = owner.container();
        world.agent().apply(engine.caller(), container, new ApplyRequest(1, sleeping(container, image), 1));
        String id = shortForm(image.id());
        String refusal = "conflict: unable to delete " + id
                + " (cannot be forced) - image is being used by running container " + container.shortForm();
        assertThat(engine.delete("/images/" + id).is(409).message()).isEqualTo(refusal);
        assertThat(engine.delete("/images/" + id + "?force=1").is(409).message())
                .isEqualTo(refusal);
        assertThat(engine.delete("/images/app:1?force=1").is(200).body()).isEqualTo("[{\"Untagged\":\"app:1\"}]");
        engine.get("/images/" + id + "/json").is(200);
        world.agent().remove(engine.caller(), container, new RemoveRequest(1, true));
        claims.release(engine.caller(), List.of(owner));
        assertThat(engine.delete("/images/" + id).is(200).json()).hasSize(3);
    }

    private static ContainerSpec sleeping(ContainerId id, TestImage image) {
        return new ContainerSpec(
                id,
                1,
                "test",
                "default",
                id.shortForm(),
                "",
                new ContainerSpec.Image(image.id(), "app:1", image.diffIds()),
                new ContainerSpec.ContainerProcess(
                        List.of("sleep", "600"),
                        List.of(),
                        "",
                        List.of(),
                        "/",
                        false,
                        false,
                        false,
                        0,
                        List.of(),
                        false),
                false,
                List.of(),
                ContainerSpec.Network.of(
                        EndpointSpec.plain("1".repeat(64), NetworkSpec.plain("0".repeat(64), "none", "null"))),
                ContainerSpec.Resources.none(),
                new ContainerSpec.Security(
                        List.of(),
                        false,
                        "default",
                        "default",
                        false,
                        List.of(),
                        List.of(),
                        "host",
                        ContainerSpec.Namespaces.PRIVATE,
                        List.of(),
                        List.of(),
                        Map.of()),
                64L << 20,
                ContainerSpec.Log.plain("json-file", 1L << 20, 3),
                new ContainerSpec.Stop(15, 10),
                ContainerSpec.Restart.NO,
                null,
                "longshore",
                Map.of());
    }

    /** As when image-service dies after the agent took an image in, and the agent after that: nobody knows of the layers. */
    @Test
    void layersOfALoadThatDiedAreRemoved() throws Exception {
        TestImage lost = image("lost:1");
        TestImage kept =
                new TestImage().layer(new TestLayer().file("kept", project)).named("kept:1");
        engine.post("/images/load", kept.archive()).is(200);
        new StreamClient("agent", world::node, MutualTls.none())
                .upload(
                        engine.caller(),
                        StreamRequest.post(AgentPaths.LOAD),
                        new ByteArrayInputStream(lost.archive()),
                        new TypeReference<List<LoadedImage>>() {},
                        AgentPaths.LOAD_ANSWER_BYTES);
        world.restartNode();
        assertThat(heldAfterRestart(lost)).isEqualTo(2);
        world.restartImages();
        engine = world.engine(project);
        awaitGone(lost);
        assertThat(world.held(engine, kept)).hasSize(1);
        engine.post("/images/load", lost.archive()).is(200);
        assertThat(world.held(engine, lost)).hasSize(2);
    }
}
