package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImageCommit;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.web.Json;
import io.longshore.testbed.process.Await;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;

/** Which node holds which image, without a registry by which images would come to other nodes. */
class TwoNodesIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static TwoNodes world;

    private final String project = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        world = TwoNodes.start(directory, Map.of());
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    private Engine engine() {
        return world.engine(project);
    }

    private TestImage image(String name) {
        return new TestImage()
                .layer(new TestLayer().file("project", project + name))
                .layer(new TestLayer().file("second", project + name))
                .named(name);
    }

    private TestImage load(String name) {
        TestImage image = image(name);
        engine().post("/images/load", image.archive()).is(200);
        return image;
    }

    private ClaimedImage claim(Owner owner, String image) {
        return world.claims().claim(engine().caller(), new ImageClaim(owner, image));
    }

    private List<NodeId> nodes(String image) {
        Owner owner = new Owner(ContainerId.random(), 1);
        List<NodeId> nodes = claim(owner, image).nodes();
        world.claims().release(engine().caller(), List.of(owner));
        return nodes;
    }

    private void place(Owner owner, String node) {
        world.claims().place(engine().caller(), new ImagePlace(owner, world.id(node)));
    }

    /** What an agent is given past image-service, as a container's changes come to be. */
    private LoadedImage loadOn(String node, TestImage image) {
        return new StreamClient("agent", () -> world.address(node), MutualTls.none())
                .upload(
                        engine().caller(),
                        StreamRequest.post(AgentPaths.LOAD),
                        new ByteArrayInputStream(image.archive()),
                        new TypeReference<List<LoadedImage>>() {},
                        AgentPaths.LOAD_ANSWER_BYTES)
                .getFirst();
    }

    private Digest commit(String node, Digest parent, LoadedImage layers, String name) {
        ImageConfig config = Json.mapper().readValue("{}", ImageConfig.class);
        return world.commits()
                .commit(
                        engine().caller(),
                        new ImageCommit(
                                ContainerId.random(),
                                parent,
                                layers.layers(),
                                config,
                                null,
                                List.of(),
                                "",
                                "",
                                name,
                                "",
                                world.id(node)))
                .id();
    }

    @Test
    void anImageIsWhereItWasLoadedAndNowhereElse() {
        load("here:1");
        Owner owner = new Owner(ContainerId.random(), 1);
        ClaimedImage claimed = claim(owner, "here:1");
        assertThat(claimed.nodes()).containsExactly(world.id("a"));
        assertThat(claimed.movable()).isFalse();
        place(owner, "a");
        assertThatThrownBy(() -> place(owner, "b"))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("image " + claimed.id() + " cannot be brought to node b:"
                        + " no system registry is configured (image.system-registry.address)");
        assertThatThrownBy(() -> place(new Owner(owner.container(), 2), "a"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining(owner.container().shortForm() + " has claimed no image");
        assertThatThrownBy(() -> world.claims().place(engine().caller(), new ImagePlace(owner, NodeId.parse("nobody"))))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("node nobody is not of the fleet");
        assertThat(nodes("here:1")).containsExactly(world.id("a"));
    }

    @Test
    void withoutASystemRegistryNothingComesThere() {
        load("alone:1");
        assertThat(engine().post("/api/v1/system-registry/images").is(409).message())
                .contains("image.system-registry.address");
        var state = engine().get("/api/v1/system-registry").is(200).json();
        assertThat(state.path("address").asString()).isEmpty();
        assertThat(state.path("images").asInt()).isPositive();
        assertThat(state.path("there").asInt()).isZero();
    }

    @Test
    void anImageWithoutLayersIsEverywhere() {
        TestImage empty = new TestImage().named("empty:1");
        engine().post("/images/load", empty.archive()).is(200);
        Owner owner = new Owner(ContainerId.random(), 1);
        ClaimedImage claimed = claim(owner, "empty:1");
        assertThat(claimed.nodes()).isEmpty();
        assertThat(claimed.movable()).isTrue();
        place(owner, "b");
    }

    @Test
    void aNodeThatHoldsTheLayersAlreadyIsBelieved() {
        TestImage image = load("both:1");
        loadOn("b", image);
        Owner owner = new Owner(ContainerId.random(), 1);
        claim(owner, "both:1");
        place(owner, "b");
        assertThat(nodes("both:1")).containsExactlyInAnyOrder(world.id("a"), world.id("b"));
    }

    @Test
    void anImageIsCommittedAndReadOnTheNodeOfItsContainer() {
        TestImage parent = load("parent:1");
        Digest made = commit("b", parent.id(), loadOn("b", image("made:1")), "made:1");
        assertThat(nodes("made:1")).containsExactly(world.id("b"));
        assertThat(engine().get("/images/made:1/get").is(200).body()).contains(made.hex());
        assertThat(engine().get("/images/get?names=made:1,parent:1").is(503).message())
                .as("no node holds both")
                .contains("no system registry is configured");
    }

    @Test
    void aRemovalReachesEveryNodeThatIsUpAndTheOthersWhenTheyReturn() {
        TestImage image = load("gone:1");
        loadOn("b", image);
        Owner owner = new Owner(ContainerId.random(), 1);
        claim(owner, "gone:1");
        place(owner, "b");
        world.claims().release(engine().caller(), List.of(owner));
        world.stop("b");
        engine().delete("/images/gone:1").is(200);
        assertThat(world.held("a", engine(), image)).isEmpty();
        // While one node is down the layers are no hindrance to another load.
        TestImage again = load("gone:1");
        assertThat(nodes("gone:1")).contains(world.id("a"));
        engine().delete("/images/gone:1").is(200);
        assertThat(world.held("a", engine(), again)).isEmpty();
        world.startAgain("b");
        assertThat(Await.until(SOON, () -> world.held("b", engine(), image).isEmpty()))
                .as("the layers are still on the node that was down")
                .isTrue();
        assertThat(Await.until(SOON, () -> rows(image) == 0)).isTrue();
    }

    private int rows(TestImage image) {
        return world.database()
                .jdbc()
                .sql("select count(*) from layer where diff_id in (:diffs)")
                .param("diffs", image.diffIds().stream().map(Digest::value).toList())
                .query(Integer.class)
                .single();
    }

    @Test
    void whatNobodyNotedIsNotedWhenANodeReturnsAndWhatIsNotSoIsForgotten() throws InterruptedException {
        TestImage image = load("old:1");
        world.database()
                .jdbc()
                .sql("""
                        with gone as (delete from layer_node where chain_id in (
                            select chain_id from image_layer where project = :project) returning chain_id)
                        insert into layer_node (chain_id, node) select chain_id, :node from gone""")
                .param("project", project)
                .param("node", world.id("b").value())
                .update();
        assertThat(nodes("old:1")).containsExactly(world.id("b"));
        List.of("a", "b").forEach(node -> world.fleet().down(world.id(node), true));
        Thread.sleep(Duration.ofSeconds(2)); // Some turns of the sweep.
        List.of("a", "b").forEach(node -> world.fleet().down(world.id(node), false));
        assertThat(Await.answer(SOON, () -> nodes("old:1"), List.of(world.id("a"))::equals))
                .containsExactly(world.id("a"));
        assertThat(world.held("a", engine(), image)).hasSize(2);
    }

    @Test
    void whatARemovedNodeHeldIsForgotten() {
        load("left:1");
        world.database().jdbc().sql("""
                        insert into layer_node (chain_id, node)
                        select chain_id, 'removed' from image_layer where project = :project""").param("project", project).update();
        assertThat(Await.answer(SOON, () -> nodes("left:1"), List.of(world.id("a"))::equals))
                .containsExactly(world.id("a"));
    }
}
