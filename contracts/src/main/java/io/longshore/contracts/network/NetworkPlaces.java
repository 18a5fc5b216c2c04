package io.longshore.contracts.network;

import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Map;

/**
 * Where containers of networks have to be.
 *
 * @param nodes by what was asked for: of networks whose containers do not leave a node, as those of driver bridge do not, that node; one on which
 *     nobody is is left out
 * @param spanning what was asked for and spans nodes: its containers need a node that others reach
 */
public record NetworkPlaces(Map<String, NodeId> nodes, List<String> spanning) {
    public NetworkPlaces {
        nodes = Map.copyOf(nodes);
        spanning = List.copyOf(spanning);
    }
}
