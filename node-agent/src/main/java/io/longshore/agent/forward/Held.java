package io.longshore.agent.forward;

import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import java.net.InetAddress;
import java.util.List;

/**
 * Ports that were taken for a container on another node.
 *
 * @param forward as it was asked for
 * @param ports which they are
 */
record Held(Forward forward, List<PublishedPort> ports) {
    Held {
        ports = List.copyOf(ports);
    }

    /** What takes the same ports again. */
    Forward again() {
        return forward.ports(forward.ports().stream().map(this::same).toList());
    }

    private Port same(Port port) {
        return ports.stream()
                .filter(each -> each.port() == port.port()
                        && each.protocol().equals(port.protocol())
                        && (port.hostAddress().isEmpty() || isSame(port.hostAddress(), each.hostAddress()))
                        && (port.firstHostPort() == 0
                                || (port.firstHostPort() <= each.hostPort() && each.hostPort() <= port.lastHostPort())))
                .findFirst()
                .map(each ->
                        new Port(port.port(), port.protocol(), port.hostAddress(), each.hostPort(), each.hostPort()))
                .orElse(port);
    }

    /** Whether it is all that this one asks for, which names each number. */
    boolean isLike(Forward wanted) {
        return forward.node().equals(wanted.node())
                && forward.source().equals(wanted.source())
                && wanted.ports().stream().allMatch(port -> ports.stream().anyMatch(each -> isAt(each, port)))
                && ports.stream().allMatch(each -> wanted.ports().stream().anyMatch(port -> isAt(each, port)));
    }

    private static boolean isAt(PublishedPort each, Port port) {
        return each.port() == port.port()
                && each.protocol().equals(port.protocol())
                && each.hostPort() == port.firstHostPort()
                && (port.hostAddress().isEmpty()
                        ? each.hostAddress().equals("0.0.0.0")
                                || each.hostAddress().equals("::")
                        : isSame(port.hostAddress(), each.hostAddress()));
    }

    /** An address may be written in several ways, of which what is taken has one. */
    private static boolean isSame(String one, String other) {
        return one.equals(other) || InetAddress.ofLiteral(one).equals(InetAddress.ofLiteral(other));
    }
}
