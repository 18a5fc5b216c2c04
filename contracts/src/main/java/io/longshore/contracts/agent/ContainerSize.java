package io.longshore.contracts.agent;

/**
 * What a container takes on its node's disk, as the sum of its files' lengths; directories count nothing.
 *
 * @param ownBytes in its own layer: what it has written
 * @param rootBytes in all its layers, its own among them
 */
public record ContainerSize(long ownBytes, long rootBytes) {}
