package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.NftablesLibrary;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.netlink.Addresses;
import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.Message;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.PortForwarding;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Linux bridges. A network is a bridge with the gateway's addresses; an endpoint a veth pair; a published port an element of a map of our
 * table ({@link Rules}) and a bound socket. Joining touches no rule.
 */
public final class BridgeNetworkDriver implements NetworkDriver, PortForwarding {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeNetworkDriver.class);
    private static final String DEVICE = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}";

    /** Some microseconds; milliseconds with a kernel that does it by the way. */
    private static final Duration CARRIER = Duration.ofSeconds(1);

    private final NetlinkSocket route;
    private final Devices devices;
    private final BridgeRecords records;
    private final Firewall firewall;
    private final FirewallWatch watch;
    private final Departures departures;
    private final HostPorts hostPorts = new HostPorts(new Relay());
    private final Map<String, Network> networks = new ConcurrentHashMap<>();
    private final Map<ContainerId, Published> published = new ConcurrentHashMap<>();
    private final PortForwards forwards;

    /** A network and the index of its bridge's interface, 0 while it is being made. */
    private record Network(NetworkSpec spec, int index) {}

    /** Of one container. */
    private record Published(List<HostPorts.Claim> claims, List<Translation> translations) {}

    private BridgeNetworkDriver(
            Syscalls syscalls, NetlinkSocket route, BridgeRecords records, Firewall firewall, FirewallWatch watch) {
        this.route = route;
        this.records = records;
        this.firewall = firewall;
        this.watch = watch;
        this.forwards = new PortForwards(hostPorts, firewall);
        this.devices = new Devices(syscalls, route);
        this.departures = new Departures(route, devices);
    }

    /**
     * Opens the driver in the network namespace of the calling thread, and makes the networks again that are gone since the machine was
     * started.
     *
     * @param directory in which networks are remembered
     * @param table name of our table of nftables
     */
    public static BridgeNetworkDriver open(
            Syscalls syscalls, NftablesLibrary.Factory nftables, Path directory, String table, JsonMapper json)
            throws IOException {
        NetlinkSocket route = NetlinkSocket.route(syscalls);
        Firewall firewall = new Firewall(nftables.open(), NetlinkSocket.netfilter(syscalls), table);
        BridgeRecords records = new BridgeRecords(directory, json);
        var driver = new BridgeNetworkDriver(
                syscalls, route, records, firewall, new FirewallWatch(syscalls, firewall, table));
        List<NetworkSpec> known = records.load();
        firewall.begin(known);
        known.forEach(driver::remake);
        driver.watch.start();
        return driver;
    }

    private void remake(NetworkSpec network) {
        try {
            networks.put(network.id(), new Network(network, devices.make(network)));
        } catch (IOException e) {
            LOG.error("network {} ({}) cannot be made again on this node", network.name(), network.id(), e);
            networks.put(network.id(), new Network(network, 0));
        }
    }

    @Override
    public String name() {
        return "bridge";
    }

    @Override
    public Place place() {
        return Place.SANDBOX;
    }

    /** One after the other with {@link #remove}: a second create of a network finds it, and does not meet one that is half made. */
    @Override
    public synchronized void create(NetworkSpec network) {
        Bridge bridge = network.bridgeOptions();
        if (!bridge.device().matches(DEVICE)) {
            throw new Failure.Invalid("invalid bridge name \"" + bridge.device()
                    + "\": want 1 to 15 of letters, digits, underscore, dot and hyphen");
        }
        if (!reserve(network)) {
            return;
        }
        try {
            devices.check(network);
            records.write(network);
            networks.put(network.id(), new Network(network, devices.make(network)));
            firewall.add(network);
            if (networks.size() == 1) {
                watch.look();
            }
        } catch (IOException e) {
            undo(network);
            throw new Failure.Internal("cannot create network " + network.name() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            undo(network);
            throw e;
        }
    }

    /** False if it is there already. */
    private boolean reserve(NetworkSpec network) {
        Network present = networks.get(network.id());
        if (present != null && present.index() > 0) {
            return false;
        }
        for (Network other : networks.values()) {
            NetworkSpec spec = other.spec();
            if (spec.id().equals(network.id())) {
                continue;
            }
            String device = spec.bridgeOptions().device();
            if (device.equals(network.bridgeOptions().device())) {
                throw new Failure.Conflict(
                        "cannot create network " + network.id() + " (" + device + "): conflicts with network "
                                + spec.id() + " (" + device + "): networks have same bridge name");
            }
            spec.subnets()
                    .forEach(one -> network.subnets().forEach(two -> {
                        if (Cidr.parse(one.range()).overlaps(Cidr.parse(two.range()))) {
                            throw new Failure.Conflict("Pool overlaps with other one on this address space: "
                                    + two.range() + " overlaps with " + one.range() + " of network " + spec.name());
                        }
                    }));
        }
        networks.put(network.id(), new Network(network, 0));
        return true;
    }

    private void undo(NetworkSpec network) {
        try {
            remove(network.id());
        } catch (Failure e) {
            LOG.warn("cannot undo the creation of network {}", network.id(), e);
        }
    }

    @Override
    public synchronized void remove(String id) {
        Network network = networks.get(id);
        if (network == null) {
            return;
        }
        try {
            firewall.remove(id);
            devices.remove(network.spec());
            records.delete(id);
            networks.remove(id);
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove network " + network.spec().name() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<NetworkSpec> networks() {
        return networks.values().stream().map(Network::spec).toList();
    }

    @Override
    public void join(Endpoint endpoint) {
        NetworkSpec spec = endpoint.spec().network();
        Network network = networks.get(spec.id());
        if (network == null) {
            throw new Failure.NotFound("network " + spec.id() + " not found");
        }
        try {
            connect(endpoint, network);
        } catch (ErrnoException e) {
            throw new Failure.Internal(
                    "failed to create endpoint " + endpoint.outside() + " on network " + spec.name() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private void connect(Endpoint endpoint, Network network) throws ErrnoException {
        Bridge bridge = network.spec().bridgeOptions();
        Links.End inside = new Links.End(endpoint.inside(), endpoint.spec().mac());
        List<Message> outer = new ArrayList<>();
        outer.add(Links.veth(
                endpoint.outside(), bridge.mtu(), inside, endpoint.namespace().descriptor()));
        outer.add(Links.port(endpoint.outside(), network.index()));
        // Between ports of a bridge no packet comes by our table, unless br_netfilter makes it: then the table has the
        // say, and what it sends back to a published port of the same container goes out by the port it came by.
        outer.add(Links.forwarding(endpoint.outside(), !bridge.communication() && !Devices.bridgeCallsRules()));
        route.execute(outer, Errno.EEXIST);
        NetlinkSocket inner = endpoint.namespace().route();
        int index = Links.find(inner, endpoint.inside())
                .orElseThrow(() -> new ErrnoException("netlink", endpoint.inside(), Errno.ENODEV.number()))
                .index();
        List<Message> messages = new ArrayList<>();
        endpoint.spec().addresses().forEach(address -> messages.add(Addresses.add(index, Cidr.parse(address))));
        messages.add(Links.up(index));
        inner.execute(messages);
        if (!Links.await(route, endpoint.outside(), CARRIER)
                || !Links.await(route, bridge.device(), CARRIER)
                || !Links.await(inner, endpoint.inside(), CARRIER)) {
            LOG.warn("interface {} carries nothing yet; its first packets may be lost", endpoint.outside());
        }
    }

    @Override
    public void leave(Endpoint endpoint) {
        try {
            if (endpoint.sandbox() != null) {
                devices.delete(endpoint.outside());
            } else {
                route.execute(List.of(Links.stopped(endpoint.outside())), Errno.ENODEV);
                departures.expect(endpoint.outside());
            }
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove endpoint " + endpoint.outside() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<PublishedPort> publish(Publication publication) {
        ContainerId container = publication.endpoint().container();
        unpublish(container);
        if (publication.endpoint().spec().network().internal()) {
            return List.of();
        }
        List<InetAddress> addresses = publication.endpoint().spec().addresses().stream()
                .map(address -> Cidr.parse(address).address())
                .toList();
        List<HostPorts.Claim> claims = new ArrayList<>();
        try {
            List<PublishedPort> earlier = new ArrayList<>(publication.earlier());
            HostPorts.Purpose purpose = HostPorts.Purpose.of(publication);
            for (Port port : publication.ports()) {
                Target target = new Target(addresses, port.port(), null, HostPorts.admitted(purpose, port));
                claims.add(EarlierPorts.claim(hostPorts, purpose, port, earlier, target));
            }
            List<Translation> translations = claims.stream()
                    .flatMap(claim -> claim.translations().stream())
                    .toList();
            firewall.publish(translations);
            published.put(container, new Published(claims, translations));
            return claims.stream().flatMap(claim -> claim.published().stream()).toList();
        } catch (IOException e) {
            claims.forEach(HostPorts.Claim::close);
            throw new Failure.Internal(
                    "cannot publish ports of container " + publication.name() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            claims.forEach(HostPorts.Claim::close);
            throw e;
        }
    }

    @Override
    public void unpublish(ContainerId container) {
        Published ports = published.remove(container);
        if (ports == null) {
            return;
        }
        try {
            firewall.unpublish(ports.translations());
        } catch (IOException e) {
            published.put(container, ports);
            throw new Failure.Internal("cannot unpublish ports of container " + container + ": " + e.getMessage(), e);
        }
        ports.claims().forEach(HostPorts.Claim::close);
    }

    @Override
    public List<PublishedPort> forward(Forward wanted, List<PublishedPort> before) {
        return forwards.forward(wanted, before);
    }

    @Override
    public void unforward(ContainerId container) {
        forwards.unforward(container);
    }

    @Override
    public void sweep(Collection<Endpoint> known) {
        Set<String> names = new HashSet<>();
        known.forEach(endpoint -> names.add(endpoint.outside()));
        Set<Integer> bridges = new HashSet<>();
        networks.values().forEach(network -> bridges.add(network.index()));
        try {
            for (Link link : Links.list(route)) {
                if (link.master() > 0
                        && bridges.contains(link.master())
                        && link.name().startsWith(Endpoint.OUTSIDE)
                        && !names.contains(link.name())) {
                    LOG.warn("network interface {} belongs to no container that is known, and is removed", link.name());
                    devices.delete(link.name());
                }
            }
        } catch (IOException e) {
            LOG.warn(
                    "cannot look for network interfaces that a crash left; the next start of the agent tries again", e);
        }
    }

    @Override
    public List<String> remarks() {
        return watch.remarks();
    }

    @Override
    public void close() {
        watch.close();
        departures.close();
        published.values().forEach(ports -> ports.claims().forEach(HostPorts.Claim::close));
        forwards.close();
        firewall.close();
        route.close();
    }
}
