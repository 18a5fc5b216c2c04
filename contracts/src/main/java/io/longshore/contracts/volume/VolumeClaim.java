package io.longshore.contracts.volume;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A wish for volumes.
 *
 * @param owner who will use them
 * @param node where the container is placed
 * @param wanted at most 1,000
 */
public record VolumeClaim(Owner owner, NodeId node, List<Wanted> wanted) {
    /**
     * One volume.
     *
     * @param name null for an anonymous one
     * @param destination absolute path in the container
     * @param driver {@code local} by default
     * @param options of the driver, for a volume that is made by this claim
     * @param labels of a volume that is made by this claim
     * @param inherited whether it is another container's, so that one without a name goes with the last of both
     */
    public record Wanted(
            @Nullable String name,
            String destination,
            @Nullable String driver,
            Map<String, String> options,
            Map<String, String> labels,
            boolean inherited) {}
}
