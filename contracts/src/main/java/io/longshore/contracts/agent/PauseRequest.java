package io.longshore.contracts.agent;

import org.jspecify.annotations.Nullable;

/**
 * Whether a container's processes are to be frozen.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param paused frozen, or running on
 * @param seconds after which they run on by themselves, also if whoever asked is gone, and when the agent begins anew; null for as long as nobody
 *     lets them
 */
public record PauseRequest(
        long epoch, boolean paused, @Nullable Integer seconds) {}
