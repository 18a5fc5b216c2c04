package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import java.util.List;

/**
 * What a node holds for containers on other nodes.
 *
 * @param revision of what it was told, under the epoch that was asked with; 0 for none
 * @param starting for which starts ports were taken whose containers were not among all that there are since then
 */
public record ForwardState(long revision, List<Start> starting) {
    public ForwardState {
        starting = List.copyOf(starting);
    }

    /** A start of a container, by its number. */
    public record Start(ContainerId container, long start) {}
}
