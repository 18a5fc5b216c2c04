package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.store.Claims;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.Images;
import io.longshore.image.store.LayerNodes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Which of an image's containers run. A claim does not say, nor where, so the agents of the nodes that hold the image are asked, one after
 * the other until one runs. What they say may be of the past by the time it is used, and a node that is down says nothing, which costs
 * nobody a layer: those of a claimed image stay whether its container runs or not.
 */
@Component
class RunningUsers {
    private final Images images;
    private final Claims claims;
    private final NodeAgents agents;
    private final LayerNodes nodes;

    RunningUsers(Images images, Claims claims, NodeAgents agents, LayerNodes nodes) {
        this.images = images;
        this.claims = claims;
        this.agents = agents;
        this.nodes = nodes;
    }

    /** A running container that uses the image. */
    Optional<ContainerId> first(Caller caller, ImageName name) {
        Digest image = images.find(caller.project(), name).map(Image::id).orElseThrow(name::notFound);
        List<ContainerId> users = claims.usersOf(caller.project(), image);
        if (users.isEmpty()) {
            return Optional.empty();
        }
        Map<NodeId, NodeAgents.Agent> ready = agents.ready(caller);
        List<NodeId> holders = nodes.holders(caller.project(), image);
        // An image without layers is everywhere.
        for (NodeId node : holders.isEmpty() ? ready.keySet() : holders) {
            NodeAgents.Agent agent = ready.get(node);
            Optional<ContainerId> running = agent == null
                    ? Optional.empty()
                    : users.stream().filter(user -> runs(agent, caller, user)).findFirst();
            if (running.isPresent()) {
                return running;
            }
        }
        return Optional.empty();
    }

    private static boolean runs(NodeAgents.Agent agent, Caller caller, ContainerId container) {
        try {
            return agent.api().observe(caller, container).status() == Observed.Status.RUNNING;
        } catch (Failure.NotFound e) {
            return false; // Never started, so the agent has not heard of it.
        }
    }
}
