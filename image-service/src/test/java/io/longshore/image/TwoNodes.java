package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.NodeAgentApplication;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageCommitApi;
import io.longshore.image.fleet.MemoryFleet;
import io.longshore.oci.LayerChain;
import io.longshore.oci.fixture.TestImage;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Image-service with PostgreSQL and two nodes with simulated drivers, {@code a} and {@code b}; images are taken in on a. */
final class TwoNodes implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final TestDatabase database = TestDatabase.create("image");
    private final Map<String, Object> shared;
    private final Path directory;
    private final RunningService fleet;
    private final Map<String, RunningService> agents = new HashMap<>();
    private final Map<String, NodeId> ids = new HashMap<>();
    private final Connections connections = new Connections();
    private final RunningService images;

    private TwoNodes(Path directory, Map<String, ?> settings) {
        this.directory = directory;
        shared = new HashMap<>(database.settings());
        shared.put("run.directory", directory.resolve("run").toString());
        shared.put("image.sweep.every", "500ms");
        shared.putAll(settings);
        fleet = ServiceRunner.start(MemoryFleet.class, Settings.of(shared));
        startAgent("a");
        startAgent("b");
        images = ServiceRunner.start(ImageServiceApplication.class, Settings.of(shared));
    }

    /**
     * Starts all.
     *
     * @param settings of image-service and agents, beside the database
     */
    static TwoNodes start(Path directory, Map<String, ?> settings) {
        return new TwoNodes(directory, settings);
    }

    MemoryFleet fleet() {
        return fleet.context().getBean(MemoryFleet.class);
    }

    private Path socket(String node) {
        return directory.resolve("run/services/agent-" + node + ".sock");
    }

    private void startAgent(String node) {
        Map<String, Object> values = new HashMap<>(shared);
        values.put("agent.node-name", node);
        values.put("agent.work-directory", directory.resolve("work-" + node).toString());
        values.put("agent.run-directory", directory.resolve("agent-" + node).toString());
        values.put("services.agent", "unix:" + socket(node));
        List.of("exec", "graph", "volume", "network")
                .forEach(driver -> values.putIfAbsent("agent.drivers." + driver, "simulated"));
        agents.put(node, ServiceRunner.start(NodeAgentApplication.class, Settings.of(values)));
        assertThat(Await.until(START, () -> known(node))).as("node %s", node).isTrue();
    }

    private boolean known(String name) {
        for (Node node : fleet().nodes(engine("start").caller())) {
            if (node.name().equals(name)) {
                ids.put(name, node.id());
                return true;
            }
        }
        return false;
    }

    /** The node's agent ends, and the fleet knows it. */
    void stop(String node) {
        Objects.requireNonNull(agents.remove(node)).close();
        fleet().down(id(node), true);
    }

    /** The node's agent begins again. */
    void startAgain(String node) {
        startAgent(node);
        fleet().down(id(node), false);
    }

    NodeId id(String node) {
        return Objects.requireNonNull(ids.get(node), node);
    }

    TestDatabase database() {
        return database;
    }

    Engine engine(String project) {
        return new Engine(connections, directory.resolve("run/services/image.sock"), project, "1.51");
    }

    ImageApi claims() {
        return new Parts(connections).client(ImageApi.class, "image", new Address.Unix(images.socket()));
    }

    ImageCommitApi commits() {
        return new Parts(connections).client(ImageCommitApi.class, "image", new Address.Unix(images.socket()));
    }

    Address address(String node) {
        return new Address.Unix(socket(node));
    }

    /** Which of the image's layers a node has. */
    List<LayerRef> held(String node, Engine engine, TestImage image) {
        try (Connections own = new Connections()) {
            return new Parts(own)
                    .client(AgentApi.class, "agent", address(node))
                    .heldLayers(engine.caller(), LayerChain.of(image.diffIds()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        connections.close();
        images.close();
        agents.values().forEach(RunningService::close);
        fleet.close();
    }
}
