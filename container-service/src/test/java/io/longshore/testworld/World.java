package io.longshore.testworld;

import io.longshore.container.ContainerServiceApplication;
import io.longshore.contracts.Caller;
import io.longshore.contracts.event.EventPage;
import io.longshore.contracts.event.EventsApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.telemetry.Trace;
import io.longshore.platform.web.CallerHeaders;
import io.longshore.platform.web.Json;
import io.longshore.testworld.agent.TestAgent;
import io.longshore.testworld.agent.TestForwards;
import io.longshore.testworld.agent.TestNode;
import io.longshore.testworld.agent.TestPeers;
import io.longshore.testworld.agent.TestSessions;
import io.longshore.testworld.image.TestImages;
import io.longshore.testworld.network.TestNetworks;
import io.longshore.testworld.volume.TestVolumes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import tools.jackson.databind.JsonNode;

/** container-service on PostgreSQL with everything around it, spoken to over its socket. */
public final class World implements AutoCloseable {
    private final TestDatabase database = TestDatabase.create("container");
    private final Settings settings;
    private final RunningService node;
    private final RunningService images;
    private final RunningService volumes;
    private final RunningService networks;
    private final Path directory;
    private final List<RunningService> moreNodes = new ArrayList<>();
    private Connections connections = new Connections();
    private RunningService service;

    /** Starts it all. */
    public World(Path directory) {
        this.directory = directory;
        Map<String, Object> values = new HashMap<>(database.settings());
        values.put("run.directory", directory.resolve("run").toString());
        values.put("services.fleet", "unix:" + directory.resolve("run/services/agent.sock"));
        values.put("container.reconcile.every", "300ms");
        values.put("container.reconcile.sweep-every", "300ms");
        values.put("container.reconcile.leave-for", "1s");
        settings = Settings.of(values);
        Settings others =
                Settings.of(Map.of("run.directory", directory.resolve("run").toString()));
        node = ServiceRunner.start(TestNode.class, others);
        images = ServiceRunner.start(TestImages.class, others);
        volumes = ServiceRunner.start(TestVolumes.class, others);
        networks = ServiceRunner.start(TestNetworks.class, others);
        service = ServiceRunner.start(ContainerServiceApplication.class, settings);
    }

    /** Starts another replica of container-service; whoever does closes it. */
    public RunningService replica(String name) {
        return ServiceRunner.start(
                ContainerServiceApplication.class,
                settings.with(
                        Map.of("services.container", "unix:" + service.socket().resolveSibling(name + ".sock"))));
    }

    /** An answer. */
    public record Answer(int status, JsonNode body) {
        /** The message of a failure. */
        public String message() {
            return body.path("message").asString("");
        }
    }

    /** Stops container-service, and starts another one on the same database. */
    public void restart(Runnable between) {
        service.close();
        between.run();
        service = ServiceRunner.start(ContainerServiceApplication.class, settings);
        try {
            connections.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        connections = new Connections();
    }

    /** Sends a request of the Engine API. */
    public Answer call(String method, String target, @Nullable String body) {
        return call(service, method, target, body);
    }

    /** Sends it to a replica. */
    public Answer call(RunningService replica, String method, String target, @Nullable String body) {
        HttpUriRequestBase request = new HttpUriRequestBase(method, java.net.URI.create(target));
        CallerHeaders.write(caller(), request::addHeader);
        if (body != null) {
            request.setEntity(new StringEntity(body, ContentType.APPLICATION_JSON));
        }
        try {
            return connections.send(request, new Address.Unix(replica.socket()), Duration.ofSeconds(30), response -> {
                String text = response.getEntity() == null
                        ? ""
                        : EntityUtils.toString(response.getEntity(), StandardCharsets.UTF_8);
                return new Answer(response.getCode(), Json.mapper().readTree(text.isEmpty() ? "null" : text));
            });
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** POST without a body. */
    public Answer post(String target) {
        return call("POST", target, null);
    }

    /** GET. */
    public Answer get(String target) {
        return call("GET", target, null);
    }

    /** Creates a container on network none that runs the given words, and gives its id. */
    public String create(String name, String... command) {
        return createWith(name, "busybox", "", command);
    }

    /** Creates a container with more members of HostConfig. */
    public String createWith(String name, String image, String host, String... command) {
        Answer answer = call(
                "POST",
                "/containers/create" + (name.isEmpty() ? "" : "?name=" + name),
                "{\"Image\": \"" + image + "\", \"Cmd\": " + Json.mapper().writeValueAsString(command)
                        + ", \"HostConfig\": {\"NetworkMode\": \"none\"" + (host.isEmpty() ? "" : ", " + host) + "}}");
        if (answer.status() != 201) {
            throw new AssertionError("create answered " + answer);
        }
        return answer.body().path("Id").asString();
    }

    /** The state of a container as inspect has it. */
    public JsonNode state(String id) {
        return get("/containers/" + id + "/json").body().path("State");
    }

    /** Streams of container-service. */
    public StreamClient streams() {
        return new StreamClient("container-service", () -> new Address.Unix(service.socket()), MutualTls.none());
    }

    /** Actions of all events of a container, once there are as many. */
    public List<String> actions(String id, int count) {
        EventsApi events =
                new Parts(connections).client(EventsApi.class, "container-service", new Address.Unix(service.socket()));
        List<List<String>> seen = new ArrayList<>();
        await("events of " + id, () -> {
            List<String> actions = new ArrayList<>();
            EventPage page = events.read(caller(), null, 0, 1_000, 0);
            while (!page.events().isEmpty()) {
                page.events().stream()
                        .filter(event -> event.actorId().equals(id))
                        .forEach(event -> actions.add(event.action()));
                page = events.read(caller(), page.cursor(), 0, 1_000, 0);
            }
            seen.add(actions);
            return actions.size() >= count;
        });
        return seen.getLast();
    }

    /** Waits until it is so. */
    public static void await(String what, BooleanSupplier condition) {
        long limit = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > limit) {
                throw new AssertionError("not within 20 s: " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
    }

    /** A caller with 30 s. */
    public static Caller caller() {
        return new Caller("tester", "default", Instant.now().plusSeconds(30), Trace.newId());
    }

    /** Starts another machine, which is a node from now on; the agent that it runs. */
    public TestAgent join(String name, Map<String, String> labels) {
        return join(name, TestNode.Fleet.info(), new NodeSpec(1, NodeSpec.Availability.ACTIVE, labels, Instant.now()))
                .getBean(TestAgent.class);
    }

    /** The same with an agent that says this of itself. */
    public TestAgent join(String name, NodeInfo info) {
        return join(name, info, new NodeSpec(1, NodeSpec.Availability.ACTIVE, Map.of(), Instant.now()))
                .getBean(TestAgent.class);
    }

    /** Starts another machine that takes no containers, and where ports that others publish answer. */
    public TestForwards entry(String name, NodeInfo info) {
        NodeSpec paused = new NodeSpec(1, NodeSpec.Availability.PAUSE, Map.of(), Instant.now());
        return join(name, info.entry(true), paused).getBean(TestForwards.class);
    }

    private ApplicationContext join(String name, NodeInfo info, NodeSpec spec) {
        Path own = directory.resolve(name);
        RunningService more = ServiceRunner.start(TestNode.class, Settings.of(Map.of("run.directory", own.toString())));
        moreNodes.add(more);
        node.context()
                .getBean(TestNode.Fleet.class)
                .join(new Node(
                        NodeId.parse("id-of-" + name),
                        name,
                        "unix:" + more.socket(),
                        Map.of(),
                        info,
                        Instant.now(),
                        true,
                        Instant.now(),
                        spec));
        return more.context();
    }

    /** The node's agent. */
    public TestAgent agent() {
        return node.context().getBean(TestAgent.class);
    }

    /** What that agent was told of other nodes. */
    public TestPeers peers() {
        return node.context().getBean(TestPeers.class);
    }

    /** The nodes. */
    public TestNode.Fleet fleet() {
        return node.context().getBean(TestNode.Fleet.class);
    }

    /** The exec sessions of that agent. */
    public TestSessions sessions() {
        return node.context().getBean(TestSessions.class);
    }

    /** The image service. */
    public TestImages.Images images() {
        return images.context().getBean(TestImages.Images.class);
    }

    /** The volume service. */
    public TestVolumes.Volumes volumes() {
        return volumes.context().getBean(TestVolumes.Volumes.class);
    }

    /** The network service. */
    public TestNetworks.Networks networks() {
        return networks.context().getBean(TestNetworks.Networks.class);
    }

    /** The service's database. */
    public TestDatabase database() {
        return database;
    }

    /** The service itself. */
    public RunningService service() {
        return service;
    }

    @Override
    public void close() throws IOException {
        connections.close();
        for (RunningService one : List.of(service, networks, volumes, images, node)) {
            one.close();
        }
        moreNodes.forEach(RunningService::close);
    }
}
