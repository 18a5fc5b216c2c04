package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.id.NodeId;
import io.longshore.network.definition.Network;
import io.longshore.platform.client.Parts;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Makes and removes networks on nodes, by their agents. All may be repeated. Thread-safe. */
@Component
class NodeNetworks {
    private static final Logger LOG = LoggerFactory.getLogger(NodeNetworks.class);

    private final FleetApi fleet;
    private final Parts parts;
    /** Where this process has seen a network made: at most one for each network and node that there is. */
    private final Set<Place> made = ConcurrentHashMap.newKeySet();

    NodeNetworks(FleetApi fleet, Parts parts) {
        this.fleet = fleet;
        this.parts = parts;
    }

    private record Place(String network, NodeId node) {}

    /** A node's name; its id when it is not known. */
    String name(Caller caller, NodeId id) {
        return fleet.nodes(caller).stream()
                .filter(node -> node.id().equals(id))
                .map(Node::name)
                .findFirst()
                .orElse(id.value());
    }

    /** Whether a node is there to make networks on. */
    boolean any(Caller caller) {
        return fleet.nodes(caller).stream().anyMatch(Node::ready);
    }

    /** Where nodes send to each other, of those that say it. */
    List<String> dataAddresses(Caller caller) {
        return fleet.nodes(caller).stream()
                .map(node -> node.info().dataAddress())
                .filter(Objects::nonNull)
                .toList();
    }

    /** On each node that takes containers. {@code Conflict} from one where it cannot be: it is then removed from the others. */
    void make(Caller caller, Network network) {
        List<Node> taking =
                fleet.nodes(caller).stream().filter(Node::isSchedulable).toList();
        for (int i = 0; i < taking.size(); i++) {
            try {
                make(caller, network, taking.get(i));
            } catch (Failure.Conflict refused) {
                // What a node has it keeps as it is: it would have other subnets than the rest.
                made.removeIf(place -> place.network().equals(network.id()));
                taking.subList(0, i).forEach(node -> agent(node).removeNetwork(caller, network.id()));
                throw refused;
            }
        }
    }

    /** On a node where somebody is about to use it: one that came later, or was away. */
    void make(Caller caller, Network network, NodeId id) {
        if (network.spansNodes() || !made.contains(new Place(network.id(), id))) {
            List<Node> nodes = fleet.nodes(caller);
            Node node = nodes.stream()
                    .filter(one -> one.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new Failure.Unavailable("node " + id + " is not known to the fleet"));
            if (network.spansNodes() && nodes.size() > 1 && node.info().dataAddress() == null) {
                throw new Failure.Conflict("node " + node.name() + " has no address at which other nodes reach network "
                        + network.name() + ": set agent.data-address there");
            }
            if (!made.contains(new Place(network.id(), id))) {
                make(caller, network, node);
            }
        }
    }

    private void make(Caller caller, Network network, Node node) {
        agent(node).createNetwork(caller, network.id(), network.spec());
        made.add(new Place(network.id(), node.id()));
    }

    /** From every node; {@code Unavailable} when one that takes containers cannot be asked now. */
    void remove(Caller caller, Network network) {
        made.removeIf(place -> place.network().equals(network.id()));
        List<Node> nodes = fleet.nodes(caller);
        for (Node node : nodes) {
            try {
                agent(node).removeNetwork(caller, network.id());
            } catch (Failure.Unavailable | Failure.DeadlineExceeded e) {
                if (node.spec().availability() == NodeSpec.Availability.ACTIVE) {
                    throw e;
                }
                LOG.warn(
                        "network {} may be left on node {}, which takes no containers: {}",
                        network.id(),
                        node.name(),
                        e.text());
            }
        }
    }

    private AgentApi agent(Node node) {
        return parts.agent(AgentApi.class, () -> node);
    }
}
