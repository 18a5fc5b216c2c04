package io.longshore.container.forward;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What nodes are told of the published ports of a container that runs where clients do not reach it. Pure. */
final class FarPorts {
    /** As addresses: all of a family. */
    private static final Set<String> EVERYWHERE = Set.of("", "0.0.0.0", "::");

    /** What a forward can be made of. */
    private static final Set<String> FORWARDED = Set.of("tcp", "udp");

    /** The highest port. */
    private static final int LAST = 65_535;

    private FarPorts() {}

    /** Which of a container's starts is the later one: on another node, in its next generation, they are counted anew. */
    static long order(int generation, long start) {
        return ((long) generation << Integer.SIZE) + start;
    }

    /** The ports that are to answer at entries, each with the address at which it does: those of a network have it from that. */
    static List<Port> wanted(Network network) {
        if (EndpointSpec.publishing(network.endpoints()).isEmpty()) {
            return List.of();
        }
        String standard = standard(network);
        return network.ports().stream()
                .filter(port -> FORWARDED.contains(port.protocol()))
                .map(port -> at(port, standard))
                .toList();
    }

    /** The address of ports that name none; empty for all addresses. */
    private static String standard(Network network) {
        return EndpointSpec.publishing(network.endpoints())
                .map(endpoint -> endpoint.network().bridge())
                .map(Bridge::publishAddress)
                .filter(address -> !EVERYWHERE.contains(address))
                .orElse("");
    }

    private static Port at(Port port, String standard) {
        return new Port(
                port.port(),
                port.protocol(),
                port.hostAddress().isEmpty() ? standard : port.hostAddress(),
                port.firstHostPort(),
                port.lastHostPort());
    }

    /** Those that are to answer at all addresses. */
    static Forward everywhere(Forward all) {
        return all.ports(all.ports().stream()
                .filter(port -> EVERYWHERE.contains(port.hostAddress()))
                .toList());
    }

    /** The first of them that is to answer at one address only. */
    static Optional<Port> atOneAddress(List<Port> wanted) {
        return wanted.stream()
                .filter(port -> !EVERYWHERE.contains(port.hostAddress()))
                .findFirst();
    }

    /** These ports with the numbers that were taken for them, and none else. */
    static List<Port> exactly(List<Port> wanted, List<PublishedPort> numbers) {
        List<PublishedPort> left = new ArrayList<>(numbers);
        return wanted.stream()
                .map(port -> {
                    int number = next(left, port);
                    return number == 0
                            ? port
                            : new Port(port.port(), port.protocol(), port.hostAddress(), number, number);
                })
                .toList();
    }

    /**
     * What the container's node is told: which numbers the entries have, and who they are.
     *
     * @param numbers at the entries
     * @param address of the container's node
     * @param from addresses of the entries
     */
    static ContainerSpec told(ContainerSpec spec, List<PublishedPort> numbers, String address, List<String> from) {
        List<PublishedPort> left = new ArrayList<>(numbers);
        String standard = standard(spec.network());
        List<Port> ports = spec.network().ports().stream()
                .map(port -> FORWARDED.contains(port.protocol())
                        ? port.through(new Entries(next(left, at(port, standard)), address, from))
                        : port)
                .toList();
        return spec.network(spec.network().ports(ports));
    }

    /** The number of a port, which is then no other one's; 0 if it has none. */
    private static int next(List<PublishedPort> left, Port port) {
        for (PublishedPort each : left) {
            boolean same = each.port() == port.port()
                    && port.protocol().equals(each.protocol())
                    && isSame(port.hostAddress(), each.hostAddress());
            boolean inRange = port.firstHostPort() == 0
                    ? 0 < each.hostPort() && each.hostPort() <= LAST
                    : port.firstHostPort() <= each.hostPort()
                            && each.hostPort() <= Math.max(port.firstHostPort(), port.lastHostPort());
            if (same && inRange) {
                left.removeIf(other -> other.port() == each.port()
                        && each.protocol().equals(other.protocol())
                        && other.hostPort() == each.hostPort());
                return each.hostPort();
            }
        }
        return 0;
    }

    /** Whether two addresses are one, however they are written; those for all are one of either family. */
    private static boolean isSame(String one, @Nullable String other) {
        if (other == null) {
            return false;
        }
        if (EVERYWHERE.contains(one) || EVERYWHERE.contains(other)) {
            return EVERYWHERE.contains(one) && EVERYWHERE.contains(other);
        }
        try {
            return one.equals(other) || InetAddress.ofLiteral(one).equals(InetAddress.ofLiteral(other));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether the container's node has all that the entries have; what it does not publish at all is none of theirs. */
    static boolean agree(List<PublishedPort> there, List<PublishedPort> entries) {
        return entries.stream()
                .allMatch(port -> there.stream()
                        .anyMatch(other -> other.port() == port.port()
                                && other.protocol().equals(port.protocol())
                                && other.hostPort() == port.hostPort()));
    }

    /**
     * What an entry is to do for a container that runs. Its node is believed no more than which numbers it chose for ports that were asked for:
     * one for each.
     *
     * @param asked all that may be forwarded, as it was asked for
     * @param there what its node says that it publishes
     */
    static Forward running(Forward asked, List<PublishedPort> there) {
        List<PublishedPort> left = new ArrayList<>(there);
        List<Port> ports = new ArrayList<>();
        for (Port port : asked.ports()) {
            int number = next(left, port);
            String address = EVERYWHERE.contains(port.hostAddress()) ? "" : port.hostAddress();
            Port exact = new Port(port.port(), port.protocol(), address, number, number);
            if (number > 0 && !ports.contains(exact)) {
                ports.add(exact);
            }
        }
        return asked.ports(ports);
    }

    /** Those that can have one number only. */
    static List<Port> fixed(List<Port> wanted) {
        return wanted.stream()
                .filter(port -> port.firstHostPort() > 0 && port.lastHostPort() <= port.firstHostPort())
                .toList();
    }
}
