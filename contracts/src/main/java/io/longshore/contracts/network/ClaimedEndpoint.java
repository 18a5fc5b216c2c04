package io.longshore.contracts.network;

import io.longshore.contracts.agent.NetworkSpec;
import java.util.List;

/**
 * An endpoint that is claimed, or why it is not.
 *
 * @param id 64 hexadecimal digits; empty when there is no such network
 * @param network the network; one without an id when there is none of that name
 * @param mac the interface's address; empty where there are none
 * @param addresses that are leased to it, with the subnet's prefix length, IPv4 first; empty where there are none, or it has got none
 * @param problem why it has none where it should: the container may be made, but cannot start; else empty
 */
public record ClaimedEndpoint(String id, NetworkSpec network, String mac, List<String> addresses, String problem) {
    /** There is no network of that name. */
    public static ClaimedEndpoint missing(String network) {
        return new ClaimedEndpoint(
                "", NetworkSpec.plain("", network, "null"), "", List.of(), "network " + network + " not found");
    }
}
