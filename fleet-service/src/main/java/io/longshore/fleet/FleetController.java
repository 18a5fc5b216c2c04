package io.longshore.fleet;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import org.springframework.web.bind.annotation.RestController;

@RestController
class FleetController implements FleetApi {
    private final Nodes nodes;

    FleetController(Nodes nodes) {
        this.nodes = nodes;
    }

    @Override
    public void heartbeat(Caller caller, NodeId id, Heartbeat heartbeat) {
        nodes.heartbeat(id, heartbeat);
    }

    @Override
    public List<Node> nodes(Caller caller) {
        return nodes.all();
    }
}
