package io.longshore.container.placement;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The nodes as fleet-service knows them, asked for at most once a second. Thread-safe. */
@Component
public class Nodes {
    /** A node counts as ready for 9 s after its last heartbeat, so that a second more does no harm. */
    private static final long FRESH_NANOS = 1_000_000_000L;

    private final FleetApi fleet;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Known known = new Known(List.of(), Map.of(), 0, false);

    Nodes(FleetApi fleet) {
        this.fleet = fleet;
    }

    private record Known(List<Node> nodes, Map<NodeId, Node> byId, long nanos, boolean valid) {}

    /** All nodes. When fleet-service is away, those of the last answer. */
    public List<Node> all(Caller caller) {
        Known now = known;
        if (now.valid && System.nanoTime() - now.nanos < FRESH_NANOS) {
            return now.nodes;
        }
        if (now.valid && asking.isLocked()) {
            // Somebody asks, and may have to wait for it: what was known a moment ago will do.
            return now.nodes;
        }
        asking.lock();
        try {
            now = known;
            if (now.valid && System.nanoTime() - now.nanos < FRESH_NANOS) {
                return now.nodes;
            }
            return ask(caller);
        } finally {
            asking.unlock();
        }
    }

    /** All nodes, as fleet-service has them now; when it is away, those of the last answer. */
    public List<Node> latest(Caller caller) {
        asking.lock();
        try {
            return ask(caller);
        } finally {
            asking.unlock();
        }
    }

    private List<Node> ask(Caller caller) {
        try {
            List<Node> nodes = List.copyOf(fleet.nodes(caller));
            Map<NodeId, Node> byId = nodes.stream().collect(Collectors.toMap(Node::id, node -> node));
            known = new Known(nodes, byId, System.nanoTime(), true);
            return nodes;
        } catch (Failure.Unavailable | Failure.DeadlineExceeded e) {
            if (known.valid) {
                known = new Known(known.nodes, known.byId, System.nanoTime(), true);
                return known.nodes;
            }
            throw e;
        }
    }

    /** The node of a container; {@link Failure.Unavailable} when fleet-service does not know it. */
    public Node node(Caller caller, NodeId id) {
        all(caller);
        Node node = known.byId.get(id);
        if (node == null) {
            throw new Failure.Unavailable("node " + id + " is not known to the fleet");
        }
        return node;
    }
}
