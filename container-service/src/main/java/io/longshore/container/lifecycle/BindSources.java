package io.longshore.container.lifecycle;

import io.longshore.container.placement.Agents;
import io.longshore.container.request.MountPoints;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import org.springframework.stereotype.Component;

/** Asks the node for the paths that a mount of type bind needs there when the container is created, as Docker Engine does. */
@Component
class BindSources {
    private final Agents agents;

    BindSources(Agents agents) {
        this.agents = agents;
    }

    /** {@code Invalid} names one that leads to nothing. */
    void check(Caller caller, NodeId node, MountPoints mounts) {
        List<String> sources = mounts.sources();
        if (sources.isEmpty()) {
            return;
        }
        List<String> missing = agents.api(node).missingPaths(caller, sources);
        if (!missing.isEmpty()) {
            throw new Failure.Invalid(
                    "invalid mount config for type \"bind\": bind source path does not exist: " + missing.getFirst());
        }
    }
}
