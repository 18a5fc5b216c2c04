package io.longshore.image.fleet;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.web.bind.annotation.RestController;

/** Keeps in memory what agents say, and which of them it is told are down. */
@LongshoreService(Part.FLEET)
@RestController
public class MemoryFleet implements FleetApi {
    private final Map<NodeId, Node> nodes = new ConcurrentHashMap<>();
    private final Set<NodeId> down = ConcurrentHashMap.newKeySet();

    /** A node is down, whatever its agent says, or is so no more. */
    public void down(NodeId node, boolean isDown) {
        if (isDown) {
            down.add(node);
        } else {
            down.remove(node);
        }
    }

    @Override
    public void heartbeat(Caller caller, NodeId id, Heartbeat heartbeat) {
        nodes.put(
                id,
                new Node(
                        id,
                        heartbeat.name(),
                        heartbeat.agentAddress(),
                        Map.of(),
                        heartbeat.info(),
                        Instant.now(),
                        true));
    }

    @Override
    public List<Node> nodes(Caller caller) {
        return nodes.values().stream()
                .map(node -> new Node(
                        node.id(),
                        node.name(),
                        node.agentAddress(),
                        node.labels(),
                        node.info(),
                        node.lastSeen(),
                        !down.contains(node.id())))
                .sorted(Comparator.comparing(Node::name))
                .toList();
    }
}
