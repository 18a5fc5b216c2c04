package io.longshore.image.node;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Parts;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import io.longshore.platform.stream.StreamClient;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The agents that keep images: each node's content store has those that it was given. Thread-safe. */
@Component
public class NodeAgents {
    private final Parts parts;
    private final MutualTls tls;
    private final FleetApi fleet;

    NodeAgents(Parts parts, ServiceAddresses addresses, RunProperties run, MutualTls tls) {
        this.parts = parts;
        this.tls = tls;
        this.fleet = parts.client(FleetApi.class, Part.FLEET.id(), addresses.of(Part.FLEET, run));
    }

    /**
     * A node's agent.
     *
     * @param node which
     * @param name the node's, for messages
     * @param graphDriver the node's storage driver
     * @param api its commands
     * @param streams its streams
     */
    public record Agent(NodeId node, String name, String graphDriver, AgentApi api, StreamClient streams) {}

    /** All nodes of the fleet, by name. */
    public List<Node> nodes(Caller caller) {
        return fleet.nodes(caller);
    }

    /** The agent that takes images in; {@link Failure.Unavailable} when no node is ready. */
    public Agent agent(Caller caller) {
        // One that gets containers, always the same; where none gets any, images can still be brought.
        return of(fleet.nodes(caller).stream()
                .filter(Node::ready)
                .min(Comparator.comparing((Node ready) -> !ready.isSchedulable())
                        .thenComparing(Node::name))
                .orElseThrow(
                        () -> new Failure.Unavailable("no node is ready; see that an agent runs, then try again")));
    }

    /** A given node's agent; {@link Failure.Unavailable} when it is not ready. */
    public Agent agent(Caller caller, NodeId id) {
        Node node = fleet.nodes(caller).stream()
                .filter(known -> known.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Failure.Unavailable("node " + id + " is not of the fleet (any more)"));
        if (!node.ready()) {
            throw new Failure.Unavailable(
                    "node " + node.name() + " is down: see that its agent runs and reaches the fleet, then try again");
        }
        return of(node);
    }

    /** The agents of all nodes that are ready, by their nodes, in order of the nodes' names. */
    public Map<NodeId, Agent> ready(Caller caller) {
        Map<NodeId, Agent> agents = new LinkedHashMap<>();
        for (Node node : fleet.nodes(caller)) {
            if (node.ready()) {
                agents.put(node.id(), of(node));
            }
        }
        return agents;
    }

    private Agent of(Node node) {
        return new Agent(
                node.id(),
                node.name(),
                node.info().storageDriver(),
                parts.agent(AgentApi.class, () -> node),
                StreamClient.agent(() -> node, tls));
    }
}
