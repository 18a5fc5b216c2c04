package io.longshore.container.forward;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import io.longshore.contracts.id.ContainerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What nodes are told of the published ports of a container that runs where clients do not reach it. Pure. */
final class FarPorts {
    /** As addresses: all of a family. */
    private static final Set<String> EVERYWHERE = Set.of("", "0.0.0.0", "::");

    /** What a forward can be made of. */
    private static final Set<String> FORWARDED = Set.of("tcp", "udp");

    private FarPorts() {}

    /** The ports that are to answer at entries, each with the address at which it does: those of a network have it from that. */
    static List<Port> wanted(ContainerSpec spec) {
        Optional<EndpointSpec> where = EndpointSpec.publishing(spec.network().endpoints());
        if (where.isEmpty()) {
            return List.of();
        }
        Bridge bridge = where.get().network().bridge();
        String standard = bridge == null || EVERYWHERE.contains(bridge.publishAddress()) ? "" : bridge.publishAddress();
        return spec.network().ports().stream()
                .filter(port -> FORWARDED.contains(port.protocol()))
                .map(port -> new Port(
                        port.port(),
                        port.protocol(),
                        port.hostAddress().isEmpty() ? standard : port.hostAddress(),
                        port.firstHostPort(),
                        port.lastHostPort()))
                .toList();
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
        List<Port> ports = spec.network().ports().stream()
                .map(port -> FORWARDED.contains(port.protocol())
                        ? port.through(new Entries(next(left, port), address, from))
                        : port)
                .toList();
        return spec.network(spec.network().ports(ports));
    }

    /** The number of a port, which is then no other one's; 0 if it has none. */
    private static int next(List<PublishedPort> left, Port port) {
        for (PublishedPort each : left) {
            boolean same = each.port() == port.port()
                    && each.protocol().equals(port.protocol())
                    && (EVERYWHERE.contains(port.hostAddress())
                            || port.hostAddress().equals(each.hostAddress()));
            boolean inRange = port.firstHostPort() == 0
                    || (port.firstHostPort() <= each.hostPort()
                            && each.hostPort() <= Math.max(port.firstHostPort(), port.lastHostPort()));
            if (same && inRange) {
                left.removeIf(other -> other.port() == each.port()
                        && other.protocol().equals(each.protocol())
                        && other.hostPort() == each.hostPort());
                return each.hostPort();
            }
        }
        return 0;
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
     * What an entry is to do for a container that runs.
     *
     * @param there what its node publishes
     * @param node address of that node
     */
    static Forward running(ContainerId id, long start, String name, List<PublishedPort> there, String node) {
        List<Port> ports = new ArrayList<>();
        for (PublishedPort each : there) {
            boolean everywhere = EVERYWHERE.contains(each.hostAddress());
            Port port = new Port(
                    each.port(),
                    each.protocol(),
                    everywhere ? "" : each.hostAddress(),
                    each.hostPort(),
                    each.hostPort());
            if (FORWARDED.contains(each.protocol()) && !ports.contains(port)) {
                ports.add(port);
            }
        }
        return new Forward(id, start, name, "", node, "", ports);
    }
}
