package io.longshore.container.placement;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.AgentFilesApi;
import io.longshore.contracts.agent.AgentForwardApi;
import io.longshore.contracts.agent.AgentOverlayApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Parts;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Clients of the nodes' agents. A node's address and version may change; its clients ask for them at each call. Thread-safe. */
@Component
public class Agents {
    private static final String DEFAULT_PROJECT = "default";

    private final Nodes nodes;
    private final Parts parts;
    private final MutualTls tls;
    private final Map<NodeId, AgentApi> apis = new ConcurrentHashMap<>();
    private final Map<NodeId, AgentFilesApi> files = new ConcurrentHashMap<>();
    private final Map<NodeId, AgentOverlayApi> overlays = new ConcurrentHashMap<>();
    private final Map<NodeId, AgentForwardApi> forwards = new ConcurrentHashMap<>();
    private final Map<NodeId, StreamClient> streams = new ConcurrentHashMap<>();

    Agents(Nodes nodes, Parts parts, MutualTls tls) {
        this.nodes = nodes;
        this.parts = parts;
        this.tls = tls;
    }

    /** Commands of a node's agent. */
    public AgentApi api(NodeId node) {
        return apis.computeIfAbsent(node, id -> parts.agent(AgentApi.class, known(id)));
    }

    /** What a node's agent tells and makes of containers' files. */
    public AgentFilesApi files(NodeId node) {
        return files.computeIfAbsent(node, id -> parts.agent(AgentFilesApi.class, known(id)));
    }

    /** What a node's agent is told of other nodes. */
    public AgentOverlayApi overlay(NodeId node) {
        return overlays.computeIfAbsent(node, id -> parts.agent(AgentOverlayApi.class, known(id)));
    }

    /** What a node's agent does for ports that are published on other nodes. */
    public AgentForwardApi forwards(NodeId node) {
        return forwards.computeIfAbsent(node, id -> parts.agent(AgentForwardApi.class, known(id)));
    }

    /** Streams of a node's agent. */
    public StreamClient streams(NodeId node) {
        return streams.computeIfAbsent(node, id -> StreamClient.agent(known(id), tls));
    }

    private Supplier<Node> known(NodeId id) {
        return () -> nodes.node(own(Duration.ofSeconds(5)), id);
    }

    /** container-service itself as the caller, for work in a project that no client waits for. */
    public static Caller own(String project, Duration limit) {
        return new Caller("container-service", project, Instant.now().plus(limit), Trace.newId());
    }

    /** The same, for what belongs to no project, or to the one there is. */
    public static Caller own(Duration limit) {
        return own(DEFAULT_PROJECT, limit);
    }
}
