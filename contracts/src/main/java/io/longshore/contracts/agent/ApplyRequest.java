package io.longshore.contracts.agent;

/**
 * What a container should be.
 *
 * @param epoch of the lease under which the command is given; an agent refuses one below the highest it has seen, with {@code CONFLICT}
 * @param spec the container
 * @param starts which start is wanted: 0 leaves it created; N starts it unless start N has been made already, so that the same request
 *     may come twice
 */
public record ApplyRequest(long epoch, ContainerSpec spec, long starts) {}
