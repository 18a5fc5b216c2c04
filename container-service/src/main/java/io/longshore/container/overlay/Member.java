package io.longshore.container.overlay;

import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.id.NodeId;
import java.util.List;

/**
 * A container on networks that span nodes.
 *
 * @param node where it is
 * @param runs whether it has a process, so that it can be found
 * @param endpoints those on such networks
 */
record Member(NodeId node, boolean runs, List<EndpointSpec> endpoints) {
    Member {
        endpoints = List.copyOf(endpoints);
    }
}
