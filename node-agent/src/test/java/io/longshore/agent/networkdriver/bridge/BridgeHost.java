package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.Specs;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaNftablesLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.netlink.Addresses;
import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.linux.netlink.Routes;
import io.longshore.agent.sandbox.KernelNamespaces;
import io.longshore.agent.sandbox.NetworkDrivers;
import io.longshore.agent.sandbox.SandboxService;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A node with the bridge driver and nothing that runs: sandboxes stand for containers. For a JVM in a network of its own. Outside of it is
 * another namespace, connected by a veth pair: 192.0.2.1 and 2001:db8::1 are the node, .2 and ::2 somebody out there.
 */
final class BridgeHost implements AutoCloseable {
    static final String TABLE = "longshore_test";

    final Syscalls syscalls = new JnaSyscalls();
    final NetlinkSocket route;
    final NetworkNamespace outside;
    final Path directory;
    final Path run;

    @SuppressWarnings("NullAway.Init")
    BridgeNetworkDriver driver;

    @SuppressWarnings("NullAway.Init")
    Sandboxes sandboxes;

    BridgeHost(Path directory) throws IOException {
        this.directory = directory;
        this.run = directory.resolve("run");
        route = NetlinkSocket.route(syscalls);
        outside = NetworkNamespace.create(syscalls, () -> "");
        if (Links.find(route, "out0").isPresent()) {
            route.execute(List.of(Links.delete("out0")));
        }
        route.execute(List.of(Links.veth("out0", 0, new Links.End("in0", ""), outside.descriptor()), Links.up("out0")));
        int here = Links.find(route, "out0").orElseThrow().index();
        // The last as the driver gives it to bridges: with one that the kernel makes itself, what is forwarded would
        // wait (2 s).
        route.execute(List.of(
                Addresses.add(here, Cidr.parse("192.0.2.1/24")),
                Addresses.add(here, Cidr.parse("2001:db8::1/64")),
                Addresses.add(here, Cidr.parse("fe80::1/64"))));
        int there = Links.find(outside.route(), "in0").orElseThrow().index();
        outside.route()
                .execute(List.of(
                        Addresses.add(there, Cidr.parse("192.0.2.2/24")),
                        Addresses.add(there, Cidr.parse("2001:db8::2/64")),
                        Links.up(there),
                        Routes.gateway(Cidr.address("192.0.2.1")),
                        Routes.gateway(Cidr.address("2001:db8::1"))));
        begin(SandboxService.NONE);
    }

    /** A life of the agent. */
    void begin() throws IOException {
        begin(SandboxService.NONE);
    }

    final void begin(SandboxService service) throws IOException {
        driver = BridgeNetworkDriver.open(
                syscalls, JnaNftablesLibrary::open, directory.resolve("network"), TABLE, Json.mapper());
        sandboxes = new Sandboxes(
                new NetworkDrivers(List.of(driver)),
                new KernelNamespaces(syscalls, run.resolve("netns"), service, 4),
                run.resolve("sandboxes"),
                Json.mapper(),
                new NativePool("network", 8, 256));
    }

    /** The id of network number so and so. */
    static String networkId(int number) {
        return String.format("%064x", number);
    }

    /** Network {@code 10.0.N.0/24} on bridge {@code brN}. */
    static NetworkSpec network(int number) {
        return network(number, false, true, false);
    }

    static NetworkSpec network(int number, boolean v6, boolean communication, boolean internal) {
        Subnet four = new Subnet("10.0." + number + ".0/24", "10.0." + number + ".1");
        Subnet six = new Subnet("fd00:" + number + "::/64", "fd00:" + number + "::1");
        return new NetworkSpec(
                networkId(number),
                "net" + number,
                "bridge",
                internal,
                v6 ? List.of(four, six) : List.of(four),
                new Bridge("br" + number, false, communication, true, "0.0.0.0", 0, "eth"));
    }

    /** The same with one other subnet. */
    static NetworkSpec subnet(NetworkSpec network, String range, String gateway) {
        return new NetworkSpec(
                network.id(),
                network.name(),
                network.driver(),
                network.internal(),
                List.of(new Subnet(range, gateway)),
                network.bridge());
    }

    /** The same with another device, and a subnet that nobody has. */
    static NetworkSpec device(NetworkSpec network, String device) {
        return new NetworkSpec(
                network.id(),
                network.name(),
                network.driver(),
                network.internal(),
                List.of(new Subnet("10.99.0.0/24", "10.99.0.1")),
                new Bridge(device, false, true, true, "", 0, ""));
    }

    /** The same with other options. */
    static NetworkSpec options(NetworkSpec network, Bridge options) {
        return new NetworkSpec(
                network.id(), network.name(), network.driver(), network.internal(), network.subnets(), options);
    }

    /** Somebody else's change of the node's rules. */
    void nft(String commands) throws IOException {
        try (JnaNftablesLibrary library = JnaNftablesLibrary.open()) {
            library.run(commands);
        }
    }

    /** An endpoint of the host part {@code host}. */
    static EndpointSpec endpoint(NetworkSpec network, int host) {
        int number = Integer.parseInt(network.name().substring(3));
        String four = "10.0." + number + "." + host + "/24";
        String six = "fd00:" + number + "::" + host + "/64";
        return new EndpointSpec(
                String.format("%032x%032x", number, host),
                network,
                String.format("02:42:0a:00:%02x:%02x", number, host),
                network.subnets().size() > 1 ? List.of(four, six) : List.of(four),
                List.of(),
                List.of(),
                0);
    }

    static ContainerSpec spec(ContainerId id, List<EndpointSpec> endpoints, Port... ports) {
        return Specs.of(List.of(), "true")
                .spec(id)
                .network(new Network(
                        null, endpoints, List.of(ports), List.of(), List.of(), List.of(), List.of(), List.of()));
    }

    static Port port(int port, String protocol, String address, int first, int last) {
        return new Port(port, protocol, address, first, last);
    }

    /** The namespace of a container. */
    NetworkNamespace inside(ContainerId id) throws IOException {
        return NetworkNamespace.open(
                syscalls, run.resolve("netns").resolve(id.value()).toString());
    }

    /** The agent is gone, and nothing has been cleaned up. */
    void die() {
        sandboxes.close();
    }

    @Override
    public void close() throws IOException {
        sandboxes.close();
        outside.close();
        route.execute(List.of(Links.delete("out0")));
        route.close();
    }
}
