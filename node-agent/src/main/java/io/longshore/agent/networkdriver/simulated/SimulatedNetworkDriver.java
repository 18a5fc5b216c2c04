package io.longshore.agent.networkdriver.simulated;

import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.PortForwarding;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers networks, who joined them and which ports are published, and touches no kernel. An agent of simulated drivers gives one for each
 * name that containers ask for. What it remembers ends with the agent.
 */
public final class SimulatedNetworkDriver implements NetworkDriver, PortForwarding {
    private static final int FIRST_EPHEMERAL = 32768;
    private static final int LAST_EPHEMERAL = 60999;

    private final String name;
    private final Place place;
    private final Map<String, NetworkSpec> networks = new ConcurrentHashMap<>();
    private final Set<String> joined = ConcurrentHashMap.newKeySet();
    private final Map<ContainerId, List<PublishedPort>> published = new ConcurrentHashMap<>();
    private final Map<ContainerId, List<PublishedPort>> forwarded = new ConcurrentHashMap<>();

    /**
     * @param name of the driver it stands for
     * @param place of that one
     */
    public SimulatedNetworkDriver(String name, Place place) {
        this.name = name;
        this.place = place;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Place place() {
        return place;
    }

    @Override
    public synchronized void create(NetworkSpec network) {
        if (place != Place.SANDBOX) {
            return;
        }
        String device = network.bridgeOptions().device();
        for (NetworkSpec other : networks.values()) {
            if (!other.id().equals(network.id())
                    && other.bridgeOptions().device().equals(device)) {
                throw new Failure.Conflict("cannot create network " + network.id() + " (" + device
                        + "): conflicts with network " + other.id() + " (" + device
                        + "): networks have same bridge name");
            }
        }
        networks.put(network.id(), network);
    }

    @Override
    public void remove(String network) {
        networks.remove(network);
    }

    @Override
    public void join(Endpoint endpoint) {
        String network = endpoint.spec().network().id();
        if (place == Place.SANDBOX && !networks.containsKey(network)) {
            throw new Failure.NotFound("network " + network + " not found on this node");
        }
        joined.add(endpoint.outside());
    }

    @Override
    public void leave(Endpoint endpoint) {
        joined.remove(endpoint.outside());
    }

    @Override
    public synchronized List<PublishedPort> publish(Publication publication) {
        published.remove(publication.endpoint().container());
        Asked asked =
                new Asked(publication.name(), publication.endpoint().spec().id(), publication.earlier());
        List<PublishedPort> made = take(asked, publication.ports());
        published.put(publication.endpoint().container(), made);
        return made;
    }

    @Override
    public synchronized List<PublishedPort> forward(Forward wanted, List<PublishedPort> earlier) {
        forwarded.remove(wanted.container());
        List<PublishedPort> made = take(new Asked(wanted.name(), wanted.endpoint(), earlier), wanted.ports());
        forwarded.put(wanted.container(), made);
        return made;
    }

    @Override
    public void unforward(ContainerId container) {
        forwarded.remove(container);
    }

    /** For whom ports are taken, and which were before. */
    private record Asked(String name, String endpoint, List<PublishedPort> earlier) {}

    private List<PublishedPort> take(Asked asked, List<Port> ports) {
        Set<PublishedPort> taken = new HashSet<>();
        List.of(published, forwarded)
                .forEach(all -> all.values()
                        .forEach(some -> some.forEach(port -> taken.add(where(port.protocol(), port.hostPort())))));
        List<PublishedPort> made = new ArrayList<>();
        for (Port port : ports) {
            int hostPort = free(asked, port, taken);
            taken.add(where(port.protocol(), hostPort));
            String address = port.hostAddress().isEmpty() ? "0.0.0.0" : port.hostAddress();
            made.add(new PublishedPort(port.port(), port.protocol(), address, hostPort));
            if (port.hostAddress().isEmpty()) {
                made.add(new PublishedPort(port.port(), port.protocol(), "::", hostPort));
            }
        }
        return List.copyOf(made);
    }

    private static int free(Asked asked, Port port, Set<PublishedPort> taken) {
        Entries entries = port.entries();
        int first = port.firstHostPort() == 0 ? FIRST_EPHEMERAL : port.firstHostPort();
        int last = port.firstHostPort() == 0 ? LAST_EPHEMERAL : port.lastHostPort();
        for (PublishedPort before : asked.earlier()) {
            boolean same = before.port() == port.port() && before.protocol().equals(port.protocol());
            boolean inRange = first <= before.hostPort() && before.hostPort() <= last;
            if (same && inRange && !taken.contains(where(port.protocol(), before.hostPort()))) {
                return before.hostPort();
            }
        }
        int there = entries == null ? 0 : entries.hostPort();
        if (there >= first && there <= last && !taken.contains(where(port.protocol(), there))) {
            return there;
        }
        for (int candidate = first; candidate <= last; candidate++) {
            if (!taken.contains(where(port.protocol(), candidate))) {
                return candidate;
            }
        }
        String address = port.hostAddress().isEmpty() ? "0.0.0.0" : port.hostAddress();
        throw new Failure.Conflict("driver failed programming external connectivity on endpoint " + asked.name()
                + " (" + asked.endpoint() + "): Bind for " + address + ":" + first
                + " failed: port is already allocated");
    }

    private static PublishedPort where(String protocol, int hostPort) {
        return new PublishedPort(0, protocol, "", hostPort);
    }

    @Override
    public void unpublish(ContainerId container) {
        published.remove(container);
    }

    @Override
    public void sweep(Collection<Endpoint> known) {
        Set<String> names = new HashSet<>();
        known.forEach(endpoint -> names.add(endpoint.outside()));
        joined.retainAll(names);
    }
}
