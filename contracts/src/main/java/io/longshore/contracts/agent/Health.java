package io.longshore.contracts.agent;

import java.time.Instant;
import java.util.List;

/**
 * What a container's health check has found (Engine API, Health).
 *
 * @param status where that leaves the container
 * @param failingStreak how many checks in a row have failed
 * @param log the latest results, at most five, oldest first
 */
public record Health(Status status, int failingStreak, List<Result> log) {
    public Health {
        log = List.copyOf(log);
    }

    /** Where a container stands. */
    public enum Status {
        STARTING,
        HEALTHY,
        UNHEALTHY
    }

    /**
     * One check.
     *
     * @param start when it began
     * @param end when it ended
     * @param exitCode 0 healthy, anything else unhealthy; -1 when it did not come to an end in its time
     * @param output what it wrote, its first 4096 bytes
     */
    public record Result(Instant start, Instant end, int exitCode, String output) {}
}
