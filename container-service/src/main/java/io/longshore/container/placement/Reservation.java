package io.longshore.container.placement;

import io.longshore.contracts.fleet.Node;
import java.util.List;

/**
 * What a container holds of its node for as long as there is a row of it, whether it runs or not: it can be started at any time.
 *
 * @param cpuNanos billionths of a processor, 0 for none in particular
 * @param memoryBytes bytes, 0 for none in particular
 * @param hostPorts ports of the node that it names, such as {@code 8080/tcp}
 */
public record Reservation(long cpuNanos, long memoryBytes, List<String> hostPorts) {
    private static final long NANOS = 1_000_000_000;

    /** More than any node has, and little enough that sums of many are numbers still. */
    public static final long MOST = 1L << 52;

    public Reservation {
        cpuNanos = Math.clamp(cpuNanos, 0, MOST);
        memoryBytes = Math.clamp(memoryBytes, 0, MOST);
        hostPorts = List.copyOf(hostPorts);
    }

    /** Whether processors or memory are asked for, of which a node has so much and no more. */
    public boolean isMeasured() {
        return cpuNanos > 0 || memoryBytes > 0;
    }

    /** Billionths of a processor that a node has. */
    public static long cpuNanos(Node node) {
        return node.info().cpus() * NANOS;
    }
}
