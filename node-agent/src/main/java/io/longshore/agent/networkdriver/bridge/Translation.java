package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.SetElements.Concatenation;
import io.longshore.agent.linux.netlink.SetElements.Element;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A published port, as the kernel translates it.
 *
 * @param protocol its number
 * @param host address of the node; the wildcard of its family for all
 * @param hostPort there
 * @param container address of the container, or of the other node that it is on, of the same family
 * @param port there
 * @param far whether it is that of another node; the address of the node is the wildcard then
 */
record Translation(int protocol, InetAddress host, int hostPort, InetAddress container, int port, boolean far) {
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
        return (far ? "far" : host.isAnyLocalAddress() ? "ports" : "at") + family();
    }

    private String family() {
        return host.getAddress().length == 4 ? "4" : "6";
    }

    /** The set in which its other end is an element, too; null if that is on this node. */
    @Nullable
    String set() {
        return far ? "beyond" + family() : null;
    }

    /** That element. */
    Element end() {
        return new Element(
                new Concatenation().address(container).number(protocol).port(port), null);
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
