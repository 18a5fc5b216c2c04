package io.longshore.container.state;

import io.longshore.container.placement.Reservation;

/**
 * What a new row reserves of its node, and of how much: looked at in the transaction that writes the row.
 *
 * @param reservation what is reserved
 * @param cpuNanos billionths of processors that the node has
 * @param memoryBytes bytes that it has
 * @param onlyFreePorts whether no other row of the node may name one of the same ports
 */
public record Reserving(Reservation reservation, long cpuNanos, long memoryBytes, boolean onlyFreePorts) {
    /** Whether there is something to look at before. */
    boolean isChecked() {
        return reservation.isMeasured()
                || (onlyFreePorts && !reservation.hostPorts().isEmpty());
    }
}
