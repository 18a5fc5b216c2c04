package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.SetElements.Concatenation;
import io.longshore.agent.linux.netlink.SetElements.Element;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A published port, as the kernel translates it, or keeps containers from where the relay goes.
 *
 * @param protocol its number
 * @param host address of the node; the wildcard of its family for all
 * @param hostPort there
 * @param container address of the container, or of the other node that it is on, of the same family
 * @param port there
 */
record Translation(int protocol, InetAddress host, int hostPort, InetAddress container, int port, Kind kind) {
    /** Where it leads, and how. */
    enum Kind {
        /** To a container of this node. */
        HERE,
        /** To a port of another node, from all addresses of this one. */
        FAR,
        /** To one that only this node may come to, which the relay does; containers here, who would come with its address, may not. */
        RELAYED
    }

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

    /** Of {@link Rules}: the map in which it is an element; null if it is not translated. */
    @Nullable
    String map() {
        return switch (kind) {
            case HERE -> (host.isAnyLocalAddress() ? "ports" : "at") + family();
            case FAR -> "far" + family();
            case RELAYED -> null;
        };
    }

    private String family() {
        return container.getAddress().length == 4 ? "4" : "6";
    }

    /** The set in which its other end is an element; null if that is on this node. */
    @Nullable
    String set() {
        return switch (kind) {
            case HERE -> null;
            case FAR -> "beyond" + family();
            case RELAYED -> "closed" + family();
        };
    }

    /** Whether another one keeps containers from the same port. */
    boolean isSharedWith(Translation other) {
        return kind == Kind.RELAYED
                && other.kind == kind
                && other.protocol == protocol
                && other.port == port
                && other.container.equals(container);
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
