package io.longshore.container.placement;

import io.longshore.contracts.fleet.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the node of a container: a pure function that explains itself.
 *
 * @param node the chosen one, null when none will do
 * @param reasons one for each node that was passed over, and why the chosen one was taken
 */
public record Placement(@Nullable Node node, List<String> reasons) {
    /** Among the nodes that take containers the first by name: there are no constraints and no reservations yet. */
    public static Placement choose(List<Node> nodes) {
        List<String> reasons = new ArrayList<>();
        Node chosen = null;
        for (Node node : nodes.stream().sorted(Comparator.comparing(Node::name)).toList()) {
            if (!node.ready()) {
                reasons.add(node.name() + " is not ready: last seen " + node.lastSeen());
            } else if (!node.isSchedulable()) {
                reasons.add(node.name() + " takes no new containers: its availability is "
                        + node.spec().availability().name().toLowerCase(Locale.ROOT));
            } else if (chosen == null) {
                chosen = node;
                reasons.add(node.name() + " is the first node that takes containers");
            }
        }
        if (nodes.isEmpty()) {
            reasons.add("no node has joined");
        }
        return new Placement(chosen, List.copyOf(reasons));
    }

    /** The reasons in one line. */
    public String explanation() {
        return String.join("; ", reasons);
    }
}
