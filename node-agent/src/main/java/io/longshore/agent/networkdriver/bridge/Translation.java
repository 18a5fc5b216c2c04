package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.SetElements.Concatenation;
import io.longshore.agent.linux.netlink.SetElements.Element;
import java.net.InetAddress;

/**
 * A published port, as the kernel translates it.
 *
 * @param protocol its number
 * @param host address of the node; the wildcard of its family for all
 * @param hostPort there
 * @param container address of the container, of the same family
 * @param port there
 */
record Translation(int protocol, InetAddress host, int hostPort, InetAddress container, int port) {
    static final int TCP = 6;
    static final int UDP = 17;
    static final int SCTP = 132;

    static int number(String protocol) {
        return switch (protocol) {
            case "tcp" -> TCP;
            case "udp" -> UDP;
            case "sctp" -> SCTP;
            default -> throw new io.longshore.contracts.error.Failure.Invalid("invalid protocol: " + protocol);
        };
    }

    /** Of {@link Rules}: the map in which it is an element. */
    String map() {
        String family = host.getAddress().length == 4 ? "4" : "6";
        return (host.isAnyLocalAddress() ? "ports" : "at") + family;
    }

    /** That element. */
    Element element() {
        Concatenation key = new Concatenation();
        if (!host.isAnyLocalAddress()) {
            key.address(host);
        }
        return new Element(
                key.number(protocol).port(hostPort),
                new Concatenation().address(container).port(port));
    }
}
