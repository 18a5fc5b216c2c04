package io.longshore.contracts.agent;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A port to be published.
 *
 * @param port of the container
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 * @param hostAddress of the node, where it is to answer; empty takes the network's
 * @param firstHostPort the first that is free from here is taken; 0 for any of the node's ephemeral ports
 * @param lastHostPort to here, inclusive
 * @param entries how other nodes forward to it; null where none does
 */
public record Port(
        int port,
        String protocol,
        String hostAddress,
        int firstHostPort,
        int lastHostPort,
        @Nullable Entries entries) {
    /** One that no other node forwards to. */
    public Port(int port, String protocol, String hostAddress, int firstHostPort, int lastHostPort) {
        this(port, protocol, hostAddress, firstHostPort, lastHostPort, null);
    }

    /** The same, forwarded to in another way. */
    public Port through(@Nullable Entries others) {
        return new Port(port, protocol, hostAddress, firstHostPort, lastHostPort, others);
    }

    /**
     * Nodes at which a published port answers, too, and that forward what comes there.
     *
     * @param hostPort the port there, which is taken here as well if it is free and was not asked for otherwise; 0 if they have none yet
     * @param address of this node, to which they send
     * @param from their addresses: a port that is to answer at one address is meant for theirs, and answers here at {@code address} and to
     *     these alone
     */
    public record Entries(int hostPort, String address, List<String> from) {
        public Entries {
            from = List.copyOf(from);
        }
    }
}
