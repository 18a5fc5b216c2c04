package io.longshore.container.placement;

/**
 * What is on a node.
 *
 * @param containers how many, in any state
 * @param cpuNanos billionths of processors that they have reserved
 * @param memoryBytes bytes that they have reserved
 */
public record NodeLoad(long containers, long cpuNanos, long memoryBytes) {
    /** Of a node with nothing on it. */
    public static final NodeLoad NONE = new NodeLoad(0, 0, 0);

    /** With one container more. */
    NodeLoad with(Reservation reservation) {
        return new NodeLoad(containers + 1, cpuNanos + reservation.cpuNanos(), memoryBytes + reservation.memoryBytes());
    }
}
