package io.longshore.contracts.container;

/** Numbers of containers: all, and of these running, paused, and the rest. */
public record ContainerCounts(int total, int running, int paused, int stopped) {}
