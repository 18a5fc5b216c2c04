package io.longshore.contracts.agent;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All ports of containers on other nodes that are to answer at a node.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param revision grows within an epoch, so that what comes late is known as such; 1 or more
 * @param forwards one for each container, with the numbers that its ports have; null for those of that revision, told before
 */
public record ForwardSet(
        long epoch, long revision, @Nullable List<Forward> forwards) {
    public ForwardSet {
        forwards = forwards == null ? null : List.copyOf(forwards);
    }
}
