package io.longshore.agent.state;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Health;
import org.jspecify.annotations.Nullable;

/**
 * A container as the disk remembers it.
 *
 * @param spec what it should be
 * @param made whether all that it has before its first start was made
 * @param starts how often it was started
 * @param outcome of its latest finished start, null if none finished
 * @param stopped the latest start that was stopped by a command, 0 for none
 * @param health where its health check left it, null if it has none or has not been checked
 */
public record StoredContainer(
        ContainerSpec spec,
        boolean made,
        Starts starts,
        @Nullable Outcome outcome,
        long stopped,
        Health.@Nullable Status health) {}
