package io.longshore.container.state;

import io.longshore.container.placement.Reservation;

/**
 * What a new row reserves of its node, and of how much: looked at in the transaction that writes the row.
 *
 * @param reservation what is reserved
 * @param measured whether processors and memory are looked at
 * @param cpuNanos billionths of processors that the node has
 * @param memoryBytes bytes that it has
 * @param onlyFreePorts whether no other row of the node may name one of the same ports
 */
public record Reserving(
        Reservation reservation, boolean measured, long cpuNanos, long memoryBytes, boolean onlyFreePorts) {
    /** Whether processors or memory are to be looked at. */
    boolean isMeasured() {
        return measured && reservation.isMeasured();
    }

    /** Whether there is something to look at before. */
    boolean isChecked() {
        return isMeasured() || (onlyFreePorts && !reservation.hostPorts().isEmpty());
    }
}
