package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.registry.SealingKey;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.registry.call.RegistryError;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that come to other nodes through a system registry: Debian's docker-registry, with users. */
class SystemRegistryIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final RegistryLogin LOGIN =
            new RegistryLogin(DebianRegistry.USER, DebianRegistry.PASSWORD, null, null);

    @TempDir
    static Path directory;

    private static DebianRegistry registry;
    private static TwoNodes world;

    private final String project = UUID.randomUUID().toString();

    @BeforeAll
    static void start() throws IOException {
        registry = DebianRegistry.start(directory.resolve("registry"), DebianRegistry.Options.WITH_USERS, null);
        Path password = Files.createFile(
                directory.resolve("password"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(password, DebianRegistry.PASSWORD + "\n");
        Path logins = directory.resolve("keys/logins");
        SealingKey.makeIfMissing(logins);
        world = TwoNodes.start(
                directory,
                Map.of(
                        "image.system-registry.address",
                        registry.host() + "/fleet",
                        "image.system-registry.username",
                        DebianRegistry.USER,
                        "image.system-registry.password-file",
                        password.toString(),
                        "image.logins.key-file",
                        logins.toString()));
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
        registry.close();
    }

    private Engine engine() {
        return world.engine(project);
    }

    private TestImage load(String name) {
        TestImage image = new TestImage()
                .layer(new TestLayer().file("project", project + name))
                .layer(new TestLayer().file("second", project + name))
                .named(name);
        engine().post("/images/load", image.archive()).is(200);
        return image;
    }

    private Owner owner() {
        return new Owner(ContainerId.random(), 1);
    }

    private ClaimedImage claim(Owner owner, String image) {
        return world.claims().claim(engine().caller(), new ImageClaim(owner, image));
    }

    private void release(Owner... owners) {
        world.claims().release(engine().caller(), List.of(owners));
    }

    private ClaimedImage look(String image) {
        Owner owner = owner();
        ClaimedImage claimed = claim(owner, image);
        release(owner);
        return claimed;
    }

    private void place(Owner owner, String node) {
        world.claims().place(engine().caller(), new ImagePlace(owner, world.id(node)));
    }

    /** What the registry has of an image says which configuration it is of. */
    private Digest configured(TestImage image) {
        try (RegistryClient client =
                RegistryClient.reading(registry.host(), "fleet/longshore/" + project, RegistryAccess.DEFAULT, LOGIN)) {
            Document document = client.manifest(image.id().hex()).document();
            return ((Document.Manifest) document).config().digest();
        }
    }

    private boolean isGone(TestImage image) {
        try {
            configured(image);
            return false;
        } catch (RegistryError e) {
            assertThat(e.status()).isEqualTo(404);
            return true;
        }
    }

    @Test
    void anImageComesToAnotherNodeAsItIs() {
        TestImage image = load("app:1");
        assertThat(configured(image)).isEqualTo(image.id());
        Owner owner = owner();
        ClaimedImage before = claim(owner, "app:1");
        assertThat(before.nodes()).containsExactly(world.id("a"));
        assertThat(before.movable()).isTrue();
        assertThat(world.held("b", engine(), image)).isEmpty();
        place(owner, "b");
        assertThat(world.held("b", engine(), image))
                .isEqualTo(world.held("a", engine(), image))
                .hasSize(2);
        assertThat(look("app:1").nodes()).containsExactlyInAnyOrder(world.id("a"), world.id("b"));
        world.fleet().down(world.id("a"), true);
        try {
            assertThat(engine().get("/images/app:1/get").is(200).body())
                    .contains(image.id().hex());
        } finally {
            world.fleet().down(world.id("a"), false);
        }
    }

    @Test
    void anImageWhoseNodeIsDownIsReadThroughTheRegistry() {
        TestImage image = load("away:1");
        world.fleet().down(world.id("a"), true);
        try {
            assertThat(engine().get("/images/away:1/get").is(200).body())
                    .contains(image.id().hex());
        } finally {
            world.fleet().down(world.id("a"), false);
        }
        assertThat(look("away:1").nodes()).containsExactlyInAnyOrder(world.id("a"), world.id("b"));
    }

    @Test
    void whoAsksAtOnceIsAnsweredOnceItIsThere() throws Exception {
        TestImage image = load("popular:1");
        List<Future<?>> placed = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 12; i++) {
                Owner owner = owner();
                claim(owner, "popular:1");
                Callable<Void> placing = () -> {
                    place(owner, "b");
                    assertThat(world.held("b", engine(), image)).hasSize(2);
                    return null;
                };
                placed.add(threads.submit(placing));
            }
        }
        for (Future<?> each : placed) {
            each.get();
        }
        assertThat(look("popular:1").nodes()).hasSize(2);
    }

    @Test
    void aRemovalReachesBothNodesAndTheRegistry() {
        TestImage image = load("gone:1");
        Owner owner = owner();
        claim(owner, "gone:1");
        place(owner, "b");
        release(owner);
        engine().delete("/images/gone:1").is(200);
        assertThat(world.held("a", engine(), image)).isEmpty();
        assertThat(world.held("b", engine(), image)).isEmpty();
        assertThat(Await.until(SOON, () -> isGone(image)))
                .as("the manifest is still in the registry")
                .isTrue();
        // It may come again.
        TestImage again = load("gone:1");
        assertThat(again.id()).isEqualTo(image.id());
        assertThat(Await.until(SOON, () -> look("gone:1").movable())).isTrue();
        assertThat(configured(again)).isEqualTo(again.id());
    }

    @Test
    void aRegistryThatIsAwayHindersNoLoadAndHasTheImageLater() {
        registry.stop();
        TestImage image;
        try {
            image = load("later:1");
            Owner owner = owner();
            ClaimedImage claimed = claim(owner, "later:1");
            assertThat(claimed.nodes()).containsExactly(world.id("a"));
            assertThat(claimed.movable()).isFalse();
            place(owner, "a");
            assertThatThrownBy(() -> place(owner, "b"))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("image " + image.id() + " cannot be brought to node b: ")
                    .hasMessageContaining(registry.host());
        } finally {
            registry.restart();
        }
        assertThat(Await.until(SOON, () -> look("later:1").movable()))
                .as("the sweep has brought it")
                .isTrue();
        Owner owner = owner();
        claim(owner, "later:1");
        place(owner, "b");
        assertThat(world.held("b", engine(), image)).hasSize(2);
    }

    @Test
    void whatTheRegistryHasLostIsBroughtThereAgain() throws IOException {
        TestImage image = load("lost:1");
        try (RegistryClient client =
                RegistryClient.reading(registry.host(), "fleet/longshore/" + project, RegistryAccess.DEFAULT, LOGIN)) {
            Document document = client.manifest(image.id().hex()).document();
            Files.delete(registry.blob(
                    ((Document.Manifest) document).layers().getFirst().digest().hex()));
        }
        Owner owner = owner();
        claim(owner, "lost:1");
        assertThatThrownBy(() -> place(owner, "b"))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("image " + image.id() + " cannot be brought to node b: ");
        place(owner, "b");
        assertThat(world.held("b", engine(), image)).hasSize(2);
    }

    @Test
    void anImageThatWasPulledComesFromTheSystemRegistryToo() {
        String elsewhere = registry.host() + "/elsewhere/" + project;
        engine().put(
                        "/api/v1/registries/" + registry.host(),
                        "{\"username\":\"" + DebianRegistry.USER + "\",\"password\":\"" + DebianRegistry.PASSWORD
                                + "\"}")
                .is(200);
        TestImage image = load("pulled:1");
        engine().post("/images/pulled:1/tag?repo=" + elsewhere + "&tag=1").is(201);
        assertThat(engine().post("/images/" + elsewhere + "/push?tag=1").is(200).body())
                .doesNotContain("error");
        engine().delete("/images/" + image.id() + "?force=1").is(200);
        assertThat(Await.until(SOON, () -> isGone(image))).isTrue();
        assertThat(engine().post("/images/create?fromImage=" + elsewhere + "&tag=1")
                        .is(200)
                        .body())
                .contains("Downloaded newer image");
        assertThat(configured(image)).isEqualTo(image.id());
        engine().delete("/api/v1/registries/" + registry.host()).is(204);
        Owner owner = owner();
        assertThat(claim(owner, elsewhere + ":1").movable()).isTrue();
        place(owner, "b");
        assertThat(world.held("b", engine(), image)).hasSize(2);
    }

    @Test
    void aDeadlineEndsTheWaitForARegistryThatSaysNothingAndNobodyElses() throws Exception {
        TestImage image = load("slow:1");
        Owner hasty = owner();
        Owner patient = owner();
        claim(hasty, "slow:1");
        claim(patient, "slow:1");
        registry.standStill();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> world.claims()
                    .place(engine().caller().within(Duration.ofSeconds(2)), new ImagePlace(hasty, world.id("b"))));
            Future<?> second = threads.submit(() -> place(patient, "b"));
            assertThatThrownBy(first::get).hasCauseInstanceOf(Failure.DeadlineExceeded.class);
            assertThat(second.isDone()).isFalse();
            registry.goOn();
            second.get();
        } finally {
            registry.goOn();
        }
        assertThat(world.held("b", engine(), image)).hasSize(2);
    }

    @Test
    void aRegistryThatDeletesNothingKeepsTheManifestAndIsAskedOnce() {
        TestImage image = load("kept:1");
        registry.stop();
        registry.restart(false);
        try {
            engine().delete("/images/kept:1").is(200);
            assertThat(Await.until(SOON, () -> replicas() == 0)).isTrue();
            assertThat(isGone(image)).isFalse();
        } finally {
            registry.stop();
            registry.restart(true);
        }
    }

    private int replicas() {
        return world.database()
                .jdbc()
                .sql("select count(*) from replica where project = :project")
                .param("project", project)
                .query(Integer.class)
                .single();
    }
}
