package io.longshore.contracts.agent;

/**
 * The end of a container.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param force whether a running one is killed first; otherwise that is {@code CONFLICT}
 */
public record RemoveRequest(long epoch, boolean force) {}
