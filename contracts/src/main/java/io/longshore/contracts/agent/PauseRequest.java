package io.longshore.contracts.agent;

/**
 * Whether a container's processes are to be frozen.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param paused frozen, or running on
 */
public record PauseRequest(long epoch, boolean paused) {}
