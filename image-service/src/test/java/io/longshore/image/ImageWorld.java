package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.NodeAgentApplication;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.event.EventsApi;
import io.longshore.contracts.image.ImageApi;
import io.longshore.image.fleet.MemoryFleet;
import io.longshore.image.registry.SealingKey;
import io.longshore.oci.LayerChain;
import io.longshore.oci.fixture.TestImage;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Image-service with PostgreSQL, and an agent with simulated drivers behind it. */
final class ImageWorld implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final TestDatabase database;
    private final Settings settings;
    private final Settings withoutKey;
    private final Path loginKey;
    private final Connections connections = new Connections();
    private final Parts parts = new Parts(connections);
    private final RunningService fleet;
    /** The engines' own: none of its connections is one to an image-service that has ended. */
    private Connections clients = new Connections();

    private RunningService node;
    private RunningService images;

    private ImageWorld(TestDatabase database, Path directory) throws InterruptedException {
        this.database = database;
        Map<String, Object> values = new HashMap<>(database.settings());
        values.put("run.directory", directory.resolve("run").toString());
        values.put("agent.work-directory", directory.resolve("work").toString());
        values.put("agent.run-directory", directory.resolve("agent").toString());
        values.put("image.sweep.every", "2s");
        loginKey = directory.resolve("keys/registry-logins");
        SealingKey.makeIfMissing(loginKey);
        values.put("image.logins.key-file", loginKey.toString());
        for (String driver : List.of("exec", "graph", "volume", "network")) {
            values.put("agent.drivers." + driver, "simulated");
        }
        settings = Settings.of(values);
        values.remove("image.logins.key-file");
        withoutKey = Settings.of(values);
        fleet = ServiceRunner.start(MemoryFleet.class, settings);
        node = ServiceRunner.start(NodeAgentApplication.class, settings);
        images = ServiceRunner.start(ImageServiceApplication.class, settings);
        awaitNode();
    }

    static ImageWorld start(Path directory) throws InterruptedException {
        return new ImageWorld(TestDatabase.create("image"), directory);
    }

    private void awaitNode() throws InterruptedException {
        MemoryFleet known = fleet.context().getBean(MemoryFleet.class);
        Engine anyone = engine("start");
        Instant end = Instant.now().plus(START);
        while (known.nodes(anyone.caller()).isEmpty()) {
            assertThat(Instant.now()).as("the agent has said nothing").isBefore(end);
            Thread.sleep(50);
        }
    }

    /** The agent's process ends, and another begins on the same directory: what it had in memory is gone. */
    void restartNode() throws InterruptedException {
        node.close();
        node = ServiceRunner.start(NodeAgentApplication.class, settings);
        awaitNode();
    }

    /** The image-service ends, and another begins; engines of before are of no use any more. */
    void restartImages() throws IOException {
        restartImages(settings);
    }

    /** {@link #restartImages}, but the next one has nothing to seal logins with. */
    void restartImagesWithoutKey() throws IOException {
        restartImages(withoutKey);
    }

    private void restartImages(Settings with) throws IOException {
        clients.close();
        images.close();
        images = ServiceRunner.start(ImageServiceApplication.class, with);
        clients = new Connections();
    }

    Path loginKey() {
        return loginKey;
    }

    TestDatabase database() {
        return database;
    }

    Engine engine(String project) {
        return new Engine(clients, images.socket(), project, "1.51");
    }

    Address node() {
        return new Address.Unix(node.socket());
    }

    AgentApi agent() {
        return parts.client(AgentApi.class, "agent", node());
    }

    ImageApi claims() {
        return parts.client(ImageApi.class, "image", new Address.Unix(images.socket()));
    }

    EventsApi events() {
        return parts.client(EventsApi.class, "image", new Address.Unix(images.socket()));
    }

    /** Which of the image's layers the node has. */
    List<LayerRef> held(Engine engine, TestImage image) {
        return agent().heldLayers(engine.caller(), LayerChain.of(image.diffIds()));
    }

    @Override
    public void close() throws IOException {
        clients.close();
        connections.close();
        List.of(images, node, fleet).forEach(RunningService::close);
    }
}
