package io.longshore.contracts.agent;

/**
 * Has a node give up the ports that it took for a container.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param start those of this start, and of none that came later
 */
public record ForwardRelease(long epoch, long start) {}
