package io.longshore.agent.networkdriver.bridge;

import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import io.longshore.contracts.error.Failure;
import java.util.List;

/** Which host port is tried first: the one that a port had, or that other nodes have for it. */
final class EarlierPorts {
    private EarlierPorts() {}

    /**
     * Takes it, or if it is not there to be had another one that will do.
     *
     * @param earlier what was taken before, from which what is taken again goes
     */
    static HostPorts.Claim claim(
            HostPorts hostPorts, HostPorts.Purpose purpose, Port port, List<PublishedPort> earlier, Target target) {
        int before = earlier(earlier, port);
        Entries entries = port.entries();
        int there = entries == null || !suits(port, entries.hostPort()) ? 0 : entries.hostPort();
        if (before > 0 || there == 0) {
            return hostPorts.claim(purpose, port, before, target);
        }
        try {
            return hostPorts.claim(purpose, port, there, target);
        } catch (Failure.Conflict taken) {
            if (port.firstHostPort() == port.lastHostPort() && port.firstHostPort() > 0) {
                throw taken;
            }
            return hostPorts.claim(purpose, port, 0, target);
        }
    }

    /** The host port that this one had, which is then no other one's; or 0. */
    private static int earlier(List<PublishedPort> earlier, Port port) {
        for (PublishedPort each : earlier) {
            boolean same = each.port() == port.port()
                    && each.protocol().equals(port.protocol())
                    && (port.hostAddress().isEmpty() || port.hostAddress().equals(each.hostAddress()));
            if (same && suits(port, each.hostPort())) {
                earlier.removeIf(other -> other.hostPort() == each.hostPort() && other.port() == each.port());
                return each.hostPort();
            }
        }
        return 0;
    }

    private static boolean suits(Port port, int hostPort) {
        return hostPort > 0
                && (port.firstHostPort() == 0
                        || (hostPort >= port.firstHostPort()
                                && hostPort <= Math.max(port.firstHostPort(), port.lastHostPort())));
    }
}
