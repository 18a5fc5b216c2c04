package io.longshore.contracts.network;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.NodeId;
import java.util.List;

/**
 * A wish for endpoints.
 *
 * @param owner who will use them
 * @param node where the container is placed
 * @param networks one for each network, at most 100
 */
public record NetworkClaim(Owner owner, NodeId node, List<Wanted> networks) {
    /**
     * One of them.
     *
     * @param network name or id: a predefined one such as {@code bridge}, or one of the project
     * @param mac of the interface; empty for one that follows from its address
     * @param ipv4 the address, empty for any that is free
     * @param ipv6 the address, empty for any that is free
     */
    public record Wanted(String network, String mac, String ipv4, String ipv6) {
        /** Any address. */
        public static Wanted anyOf(String network) {
            return new Wanted(network, "", "", "");
        }
    }
}
