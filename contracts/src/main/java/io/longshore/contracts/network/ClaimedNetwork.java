package io.longshore.contracts.network;

/**
 * An endpoint that is claimed.
 *
 * @param networkId 64 hexadecimal digits
 * @param name the network's name
 * @param driver the node's network driver: {@code null}, {@code host}, {@code bridge}, ... ({@code null} is the driver of the network none)
 * @param endpointId 64 hexadecimal digits
 */
public record ClaimedNetwork(String networkId, String name, String driver, String endpointId) {}
