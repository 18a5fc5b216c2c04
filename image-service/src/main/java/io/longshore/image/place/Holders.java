package io.longshore.image.place;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.store.LayerNodes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Where images can be read. Thread-safe. */
@Component
public class Holders {
    private final NodeAgents agents;
    private final LayerNodes nodes;
    private final Placing placing;

    Holders(NodeAgents agents, LayerNodes nodes, Placing placing) {
        this.agents = agents;
        this.nodes = nodes;
        this.placing = placing;
    }

    /**
     * A ready node that holds all of these images of the caller's project. Where there is none, they are brought to one, which takes as
     * long as it takes within the caller's deadline; {@link Failure.Unavailable} says why that is not possible.
     */
    public NodeAgents.Agent of(Caller caller, Collection<Digest> images) {
        Optional<List<NodeId>> holders = nodes.holders(caller.project(), images);
        if (holders.isEmpty()) {
            return agents.agent(caller);
        }
        Map<NodeId, NodeAgents.Agent> ready = agents.ready(caller);
        for (NodeId node : holders.get()) {
            NodeAgents.Agent agent = ready.get(node);
            if (agent != null) {
                return agent;
            }
        }
        NodeAgents.Agent agent = agents.agent(caller);
        images.forEach(image -> placing.bring(caller, image, agent.node()));
        return agent;
    }
}
