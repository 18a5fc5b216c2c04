package io.longshore.image.fleet;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.web.bind.annotation.RestController;

/** Keeps in memory what agents say. */
@LongshoreService(Part.FLEET)
@RestController
public class OneNodeFleet implements FleetApi {
    private final Map<NodeId, Node> nodes = new ConcurrentHashMap<>();

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
        return List.copyOf(nodes.values());
    }
}
