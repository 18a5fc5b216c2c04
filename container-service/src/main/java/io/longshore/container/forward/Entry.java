package io.longshore.container.forward;

import io.longshore.container.placement.Nodes;
import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Objects;

/**
 * A node at which ports that are published on others answer, too.
 *
 * @param address at which other nodes reach it; empty if that is not known
 * @param ready whether something was heard of it lately
 */
record Entry(NodeId node, String name, String address, boolean ready) {
    static List<Entry> all(List<Node> nodes) {
        return nodes.stream()
                .filter(node -> node.info().forwards())
                .map(node -> new Entry(
                        node.id(),
                        node.name(),
                        Objects.requireNonNullElse(node.info().dataAddress(), ""),
                        node.ready()))
                .toList();
    }

    /** Whether this node is one. */
    static boolean isOne(List<Node> nodes, NodeId id) {
        return nodes.stream()
                .anyMatch(node -> node.id().equals(id) && node.info().forwards());
    }

    static List<Entry> all(Caller caller, Nodes nodes) {
        return all(nodes.all(caller));
    }
}
