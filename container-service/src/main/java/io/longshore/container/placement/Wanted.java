package io.longshore.container.placement;

import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a container wants of its node.
 *
 * @param constraints all must hold
 * @param strategy which of those that will do
 * @param reservation what it needs there
 * @param pins what it needs and cannot leave its node, in words ({@code volume data}), and where that is
 * @param traits what the node has to have
 * @param joins whether one of these is another container, to whose node it goes also when that is paused
 * @param image where its image is, null when that is of no account
 */
public record Wanted(
        List<Constraint> constraints,
        Strategy strategy,
        Reservation reservation,
        Map<String, NodeId> pins,
        Set<Trait> traits,
        boolean joins,
        @Nullable ImagePlaces image) {
    /**
     * Where an image is.
     *
     * @param nodes that hold all of it
     * @param movable whether it can be brought to others
     */
    public record ImagePlaces(Set<NodeId> nodes, boolean movable) {}
}
