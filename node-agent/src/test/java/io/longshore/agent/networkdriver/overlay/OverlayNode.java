package io.longshore.agent.networkdriver.overlay;

import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaNftablesLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.netlink.Addresses;
import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.linux.netlink.Routes;
import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Peer;
import io.longshore.agent.networkdriver.bridge.BridgeNetworkDriver;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A node in a network namespace of its own, with the drivers and nothing that runs: namespaces stand for containers. */
final class OverlayNode implements AutoCloseable {
    private static final Syscalls SYSCALLS = new JnaSyscalls();
    /** The last two digits of what is given out next, on all nodes. */
    private static int latest = 10;

    final NetworkNamespace network;
    final String address;
    private final Path directory;

    @SuppressWarnings("NullAway.Init")
    OverlayNetworkDriver driver;

    @SuppressWarnings("NullAway.Init")
    private NetworkDriver bridge;

    /** Somebody on a network. */
    record Member(OverlayNode node, NetworkNamespace inside, Endpoint endpoint) implements AutoCloseable {
        String v4() {
            return endpoint.spec().addresses().getFirst().replaceAll("/.*", "");
        }

        String v6() {
            return endpoint.spec().addresses().getLast().replaceAll("/.*", "");
        }

        Peer peer() {
            return new Peer(endpoint.spec().mac(), List.of(v4(), v6()), node.address);
        }

        @Override
        public void close() throws IOException {
            node.network.inside(() -> {
                node.driver.leave(endpoint);
                return node;
            });
            inside.close();
        }
    }

    /** @param address of IPv4, at the link to the others */
    OverlayNode(Path directory, String address) throws IOException {
        this.directory = directory;
        this.address = address;
        this.network = NetworkNamespace.create(SYSCALLS, () -> "");
        begin();
    }

    /** A life of the agent. */
    void begin() throws IOException {
        network.inside(() -> {
            bridge = BridgeNetworkDriver.open(
                    SYSCALLS, JnaNftablesLibrary::open, directory.resolve("network"), "overlay_test", Json.mapper());
            driver = OverlayNetworkDriver.open(SYSCALLS, bridge);
            return driver;
        });
    }

    /** The agent ends. */
    void end() {
        driver.close();
        bridge.close();
    }

    /** Two nodes with a link between them. */
    static void connect(OverlayNode one, OverlayNode other) throws IOException {
        NetlinkSocket route = one.network.route();
        route.execute(List.of(Links.veth("link0", 0, new Links.End("link0", ""), other.network.descriptor())));
        for (OverlayNode node : List.of(one, other)) {
            int index = Links.find(node.network.route(), "link0").orElseThrow().index();
            node.network
                    .route()
                    .execute(List.of(Addresses.add(index, Cidr.parse(node.address + "/24")), Links.up(index)));
        }
    }

    void create(NetworkSpec spec) throws IOException {
        network.inside(() -> {
            driver.create(spec);
            return spec;
        });
    }

    void remove(NetworkSpec spec) throws IOException {
        network.inside(() -> {
            bridge.remove(spec.id());
            driver.remove(spec.id());
            return spec;
        });
    }

    /** Puts somebody on a network. */
    Member join(NetworkSpec spec) throws IOException {
        return join(spec, "");
    }

    /** Puts somebody there who has another's MAC address. */
    Member join(NetworkSpec spec, String mac) throws IOException {
        int number = ++latest;
        String[] prefixes = spec.subnets().stream()
                .map(subnet -> subnet.range().replaceAll("(0|)/.*", ""))
                .toArray(String[]::new);
        EndpointSpec endpoint = new EndpointSpec(
                String.format("%064d", number),
                spec,
                mac.isEmpty() ? String.format("02:42:0a:01:00:%02d", number) : mac,
                List.of(prefixes[0] + number + "/24", prefixes[1] + number + "/64"),
                List.of(),
                List.of(),
                0);
        NetworkNamespace inside = NetworkNamespace.create(SYSCALLS, () -> "");
        Endpoint joined =
                new Endpoint(ContainerId.random(), endpoint, "eth0", Endpoint.OUTSIDE + "member" + number, inside);
        network.inside(() -> {
            driver.join(joined);
            return joined;
        });
        inside.route()
                .execute(List.of(
                        Routes.gateway(Cidr.address(spec.subnets().getFirst().gateway()))));
        return new Member(this, inside, joined);
    }

    /** These are all on other nodes. */
    void told(NetworkSpec spec, Member... others) throws IOException {
        List<Peer> peers = List.of(others).stream().map(Member::peer).toList();
        network.inside(() -> {
            driver.peers(Map.of(spec.id(), peers));
            return peers;
        });
    }

    /** The interfaces of the node, without those that modules put into every namespace. */
    List<String> links() throws IOException {
        return Links.list(network.route()).stream()
                .map(Link::name)
                .filter(name -> name.matches("lo|link0|ls.*|br.*|vx.*"))
                .toList();
    }

    @Override
    public void close() {
        end();
        network.close();
    }
}
