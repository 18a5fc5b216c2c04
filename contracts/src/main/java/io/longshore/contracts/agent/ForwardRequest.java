package io.longshore.contracts.agent;

/**
 * Has a node take ports for a container on another node.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param forward in the place of what was taken for that container before
 */
public record ForwardRequest(long epoch, Forward forward) {}
