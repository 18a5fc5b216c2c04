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
import java.util.function.Predicate;
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

    /** On each node that takes containers. {@code Conflict} from one where it cannot be; others may have it then. */
    void make(Caller caller, Network network) {
        taking(caller).forEach(node -> make(caller, network, node));
    }

    /** One that is ready, on each node that takes containers: where it cannot be, its use is refused, and the rest keep it. */
    void spread(Caller caller, Network network) {
        for (Node node : taking(caller)) {
            try {
                make(caller, network, node);
            } catch (Failure e) {
                LOG.warn("network {} is not on node {}: {}", network.id(), node.name(), e.text());
            }
        }
    }

    private List<Node> taking(Caller caller) {
        return fleet.nodes(caller).stream().filter(Node::isSchedulable).toList();
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

    /** From every node; {@code Unavailable} when one that is to take containers cannot be asked now: the rest have it no more. */
    void remove(Caller caller, Network network) {
        remove(caller, network, node -> node.spec().availability() == NodeSpec.Availability.ACTIVE);
    }

    /**
     * From every node, as it is to get another subnet: what a node has it keeps as it is. As {@link #remove}, but a node that is down does not
     * stand in the way: networks could not be made until it is back.
     */
    void takeBack(Caller caller, Network network) {
        remove(caller, network, Node::isSchedulable);
    }

    private void remove(Caller caller, Network network, Predicate<Node> needed) {
        made.removeIf(place -> place.network().equals(network.id()));
        Failure first = null;
        for (Node node : fleet.nodes(caller)) {
            try {
                agent(node).removeNetwork(caller, network.id());
            } catch (Failure e) {
                boolean away = e instanceof Failure.Unavailable || e instanceof Failure.DeadlineExceeded;
                if (away && !needed.test(node)) {
                    LOG.warn(
                            "network {} may be left on node {}, which takes no containers: {}",
                            network.id(),
                            node.name(),
                            e.text());
                } else if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private AgentApi agent(Node node) {
        return parts.agent(AgentApi.class, () -> node);
    }
}
