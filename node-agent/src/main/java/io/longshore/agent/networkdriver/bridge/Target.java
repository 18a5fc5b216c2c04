package io.longshore.agent.networkdriver.bridge;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where what comes to a port of the node goes on.
 *
 * @param addresses of one machine or container, at most one of each family that counts
 * @param port there; 0 for the same number as on the node, of another node
 * @param source address of the node from which is sent what the kernel does not translate; null for the one that it chooses
 * @param from who may come, by address; empty for anybody
 */
record Target(
        List<InetAddress> addresses, int port, @Nullable InetAddress source, Set<InetAddress> from) {
    /** A container, for anybody. */
    static Target of(List<InetAddress> addresses, int port) {
        return new Target(addresses, port, null, Set.of());
    }

    /** Whether it is another node. */
    boolean isElsewhere() {
        return port == 0;
    }

    /** Its port, by that on the node. */
    int port(int hostPort) {
        return port == 0 ? hostPort : port;
    }

    /** Whether who is at this address may come. */
    boolean admits(InetAddress client) {
        return from.isEmpty() || from.contains(client);
    }
}
