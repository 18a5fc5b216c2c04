package io.longshore.container.move;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.time.Instant;

/**
 * A container on its way from one node to another.
 *
 * @param container which
 * @param project whose
 * @param generation in which it is on the target; it was in the one before on the source
 * @param source where it was
 * @param target where it is to be
 * @param resume whether it was stopped for this, and is to run again
 * @param arrived whether its row says that it is on the target
 * @param back whether it is being taken back, and goes on no more
 * @param begun when this was written
 */
public record Move(
        ContainerId container,
        String project,
        int generation,
        NodeId source,
        NodeId target,
        boolean resume,
        boolean arrived,
        boolean back,
        Instant begun) {
    /** In whose name it holds claims where it was. */
    public Owner from() {
        return new Owner(container, generation - 1);
    }

    /** In whose name it holds claims where it is to be. */
    public Owner to() {
        return new Owner(container, generation);
    }
}
