package io.longshore.contracts.agent;

/**
 * Another network part for a container that is there. If it runs, endpoints that are new in it are connected and those that are missing are
 * disconnected; the others stay as they are.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param network all of it from now on
 */
public record NetworkRequest(long epoch, ContainerSpec.Network network) {}
