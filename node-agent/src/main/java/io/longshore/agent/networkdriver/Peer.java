package io.longshore.agent.networkdriver;

import java.util.List;

/**
 * An endpoint of a network on another node.
 *
 * @param mac of its interface, as {@code 02:42:ac:11:00:02}
 * @param addresses of its interface, without prefix lengths
 * @param node address of the node, at which the others send to it
 */
public record Peer(String mac, List<String> addresses, String node) {
    public Peer {
        addresses = List.copyOf(addresses);
    }
}
