package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.endpoint;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.network;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.port;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.sandbox.SandboxService;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who reaches whom over bridges, in the kernel. */
class BridgeNetworkRootIT extends BridgeCases {
    @Test
    void containersOfANetworkReachEachOtherTheNodeAndTheWorld() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId one = join(network, 2);
        ContainerId two = join(network, 3);
        try (NetworkNamespace inOne = host.inside(one);
                NetworkNamespace inTwo = host.inside(two);
                ServerSocketChannel _ = Talk.serve(inTwo, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81);
                ServerSocketChannel _ = Talk.serve(null, 82)) {
            assertThat(Talk.ask(inOne, "10.0.1.3", 80)).isEqualTo("10.0.1.2");
            assertThat(Talk.ask(inOne, "192.0.2.2", 81)).as("masqueraded").isEqualTo("192.0.2.1");
            assertThat(Talk.ask(inOne, "10.0.1.1", 82)).isEqualTo("10.0.1.2");
            assertThat(Talk.ask(null, "10.0.1.3", 80)).isEqualTo("10.0.1.1");
            assertThat(Talk.ask(host.outside, "10.0.1.3", 80))
                    .as("not published")
                    .isEmpty();
        }
    }

    @Test
    void twoWhoMakeANetworkAtOnceMakeOne() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int attempt = 0; attempt < 20; attempt++) {
                NetworkSpec network = network(1);
                List<Future<?>> both = List.of(
                        threads.submit(() -> host.sandboxes.create(network)),
                        threads.submit(() -> host.sandboxes.create(network)));
                for (Future<?> each : both) {
                    each.get(10, TimeUnit.SECONDS);
                }
                ContainerId id = join(network, 2);
                host.sandboxes.leave(id);
                host.sandboxes.remove(network.id());
            }
        }
    }

    @Test
    void networksAreKeptApart() throws Exception {
        NetworkSpec first = create(network(1));
        NetworkSpec second = create(network(2));
        NetworkSpec internal = create(network(3, false, true, true));
        ContainerId one = join(first, 2);
        ContainerId two = join(second, 2, port(80, "tcp", "", 8080, 8080));
        ContainerId three = join(internal, 2);
        ContainerId four = join(internal, 3);
        try (NetworkNamespace inOne = host.inside(one);
                NetworkNamespace inTwo = host.inside(two);
                NetworkNamespace inThree = host.inside(three);
                NetworkNamespace inFour = host.inside(four);
                ServerSocketChannel _ = Talk.serve(inTwo, 80);
                ServerSocketChannel _ = Talk.serve(inFour, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            assertThat(Talk.ask(inOne, "10.0.2.2", 80)).isEmpty();
            assertThat(Talk.ask(inOne, "192.0.2.1", 8080)).as("published").isEqualTo("10.0.1.2");
            assertThat(Talk.ask(inThree, "10.0.3.3", 80)).isEqualTo("10.0.3.2");
            assertThat(Talk.ask(inThree, "192.0.2.2", 81)).isEmpty();
            assertThat(Talk.ask(inOne, "10.0.3.3", 80)).isEmpty();
        }
    }

    @Test
    void withoutCommunicationContainersReachOnlyWhatIsPublished() throws Exception {
        NetworkSpec network = create(network(1, false, false, false));
        ContainerId one = join(network, 2);
        ContainerId two = join(network, 3, port(80, "tcp", "", 8080, 8080));
        try (NetworkNamespace inOne = host.inside(one);
                NetworkNamespace inTwo = host.inside(two);
                ServerSocketChannel _ = Talk.serve(inTwo, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            assertThat(Talk.ask(inOne, "10.0.1.3", 80)).isEmpty();
            assertThat(Talk.ask(inOne, "192.0.2.1", 8080)).isNotEmpty();
            assertThat(Talk.ask(inOne, "192.0.2.2", 81)).isEqualTo("192.0.2.1");
        }
    }

    @Test
    void aPublishedPortAnswersFromEverywhere() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId id = ContainerId.random();
        Sandboxes.Joined now = join(
                id,
                network,
                2,
                port(80, "tcp", "", 8080, 8080),
                port(53, "udp", "", 5300, 5300),
                port(80, "tcp", "", 0, 0));
        assertThat(now.published().subList(0, 4))
                .containsExactly(
                        new PublishedPort(80, "tcp", "0.0.0.0", 8080),
                        new PublishedPort(80, "tcp", "::", 8080),
                        new PublishedPort(53, "udp", "0.0.0.0", 5300),
                        new PublishedPort(53, "udp", "::", 5300));
        assertThat(now.published().get(4).hostPort()).isBetween(32768, 60999);
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                DatagramChannel _ = Talk.serveDatagrams(inside, 53)) {
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080))
                    .as("source kept")
                    .isEqualTo("192.0.2.2");
            assertThat(Talk.askDatagram(host.outside, "192.0.2.1", 5300)).isEqualTo("192.0.2.2");
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEqualTo("10.0.1.1");
            assertThat(Talk.askDatagram(null, "127.0.0.1", 5300)).isEqualTo("10.0.1.1");
            assertThat(Talk.ask(null, "192.0.2.1", 8080)).isNotEmpty();
            assertThat(Talk.ask(null, "::1", 8080)).as("relayed").isEqualTo("10.0.1.1");
            assertThat(Talk.askDatagram(null, "::1", 5300)).as("relayed").isEqualTo("10.0.1.1");
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080))
                    .as("relayed")
                    .isEqualTo("10.0.1.1");
            assertThat(Talk.ask(inside, "192.0.2.1", 8080)).as("hairpin").isEqualTo("10.0.1.1");
            assertThat(Talk.ask(inside, "10.0.1.1", 8080)).as("hairpin").isEqualTo("10.0.1.1");
            assertThat(Talk.ask(
                            host.outside, "192.0.2.1", now.published().get(4).hostPort()))
                    .isEqualTo("192.0.2.2");
        }
        host.sandboxes.leave(id);
        assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEmpty();
        try (ServerSocket socket = new ServerSocket(8080)) {
            assertThat(socket.isBound()).isTrue();
        }
    }

    /** The kernel translates it whether it has sockets of it or not. */
    @Test
    void portsOfSctpAreTranslated() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId id = ContainerId.random();
        List<PublishedPort> published = join(
                        id, network, 2, port(5000, "sctp", "", 15000, 15000), port(5001, "sctp", "0.0.0.0", 0, 0))
                .published();
        assertThat(published).startsWith(new PublishedPort(5000, "sctp", "0.0.0.0", 15000));
        PublishedPort random = published.getLast();
        assertThat(random.hostPort()).isBetween(32_768, 60_999);
        try (NetworkNamespace inside = host.inside(id);
                Sctp listening = Sctp.listen(inside)) {
            Sctp.send(host.outside, "192.0.2.1", 15001);
            Sctp.send(host.outside, "192.0.2.1", 15000);
            assertThat(listening.heard()).isEqualTo("192.0.2.2 5000");
            Sctp.send(host.outside, "192.0.2.1", random.hostPort());
            assertThat(listening.heard()).isEqualTo("192.0.2.2 5001");
            Sctp.send(host.outside, "10.0.1.2", 5000);
            assertThat(listening.heard()).as("past the published port").isNull();
        }
        ContainerId refused = ContainerId.random();
        assertThatThrownBy(() -> join(refused, network, 3, port(80, "sctp", "", 15000, 15000)))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageEndingWith("Bind for 0.0.0.0:15000 failed: port is already allocated");
        host.sandboxes.leave(refused);
    }

    @Test
    void overIpv6TheKernelTranslatesToo() throws Exception {
        NetworkSpec network = create(network(1, true, true, false));
        ContainerId id = join(network, 2, port(80, "tcp", "", 8080, 8080));
        ContainerId other = join(network, 3);
        try (NetworkNamespace inside = host.inside(id);
                NetworkNamespace inOther = host.inside(other);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080))
                    .startsWith("2001:db8:")
                    .endsWith(":2");
            assertThat(Talk.ask(inOther, "fd00:1::2", 80)).startsWith("fd00:1:").endsWith(":3");
            assertThat(Talk.ask(inOther, "2001:db8::2", 81))
                    .startsWith("2001:db8:")
                    .endsWith(":1");
            assertThat(Talk.ask(inOther, "2001:db8::1", 8080))
                    .startsWith("fd00:1:")
                    .endsWith(":1");
            assertThat(Talk.ask(null, "::1", 8080)).isEqualTo("10.0.1.1");
            assertThat(Talk.ask(host.outside, "fd00:1::2", 80)).isEmpty();
        }
    }

    @Test
    void withoutAnAddressOfItThereIsNoIpv6() throws Exception {
        ContainerId id = join(create(network(1)), 2);
        try (NetworkNamespace inside = host.inside(id)) {
            String addresses =
                    inside.inside(() -> java.nio.file.Files.readString(Path.of("/proc/thread-self/net/if_inet6")));
            assertThat(addresses.lines().filter(line -> !line.endsWith("lo"))).isEmpty();
        }
    }

    @Test
    void aPortThatIsTakenIsRefusedInDockersWords() throws Exception {
        NetworkSpec network = create(network(1));
        join(network, 2, port(80, "tcp", "", 8080, 8080));
        ContainerId refused = ContainerId.random();
        assertThatThrownBy(() -> join(refused, network, 3, port(80, "tcp", "", 8080, 8080)))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage("driver failed programming external connectivity on endpoint test ("
                        + endpoint(network, 3).id() + "): Bind for 0.0.0.0:8080 failed: port is already allocated");
        host.sandboxes.leave(refused);
        try (ServerSocket other = new ServerSocket()) {
            other.bind(new InetSocketAddress(Cidr.address("0.0.0.0"), 8081));
            assertThatThrownBy(() -> join(refused, network, 3, port(80, "tcp", "", 8081, 8081)))
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessage(
                            "driver failed programming external connectivity on endpoint test ("
                                    + endpoint(network, 3).id()
                                    + "): Error starting userland proxy: listen tcp4 0.0.0.0:8081: bind: address already in use");
            host.sandboxes.leave(refused);
            assertThat(join(refused, network, 3, port(80, "tcp", "127.0.0.1", 8080, 8083))
                            .published())
                    .containsExactly(new PublishedPort(80, "tcp", "127.0.0.1", 8082));
        }
    }

    @Test
    void networksComeAndGoWhileAContainerRuns() throws Exception {
        NetworkSpec first = create(network(1));
        NetworkSpec second = create(network(2));
        ContainerId id = ContainerId.random();
        ContainerId other = join(second, 3);
        join(id, first, 2, port(80, "tcp", "", 8080, 8080));
        try (NetworkNamespace inside = host.inside(id);
                NetworkNamespace inOther = host.inside(other);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                ServerSocketChannel _ = Talk.serve(inOther, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            assertThat(Talk.ask(inside, "10.0.2.3", 80)).isEmpty();
            EndpointSpec one = endpoint(first, 2);
            EndpointSpec two = endpoint(second, 2);
            assertThat(host.sandboxes.change(spec(id, List.of(one, two), port(80, "tcp", "", 8080, 8080))))
                    .hasSize(2);
            assertThat(Links.find(inside.route(), "eth1")).isPresent();
            assertThat(Talk.ask(inside, "10.0.2.3", 80)).isEqualTo("10.0.2.2");
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isNotEmpty();
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEqualTo("192.0.2.2");
            assertThat(host.sandboxes.change(spec(id, List.of(two), port(80, "tcp", "", 8080, 8080))))
                    .hasSize(2);
            assertThat(Links.find(inside.route(), "eth0")).isEmpty();
            assertThat(Talk.ask(inside, "10.0.2.3", 80)).isEqualTo("10.0.2.2");
            assertThat(Talk.ask(inside, "192.0.2.2", 81))
                    .as("by the other gateway")
                    .isEqualTo("192.0.2.1");
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEqualTo("192.0.2.2");
            assertThat(host.sandboxes.change(spec(id, List.of(), port(80, "tcp", "", 8080, 8080))))
                    .isEmpty();
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isEmpty();
            assertThat(host.sandboxes.change(spec(id, List.of(one)))).isEmpty();
            assertThat(Links.find(inside.route(), "eth0")).isPresent();
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isEqualTo("192.0.2.1");
        }
    }

    @Test
    void aChangeThatCannotBeMadeChangesNothing() throws Exception {
        NetworkSpec first = create(network(1));
        ContainerId id = join(first, 2, port(80, "tcp", "", 8080, 8080));
        EndpointSpec one = endpoint(first, 2);
        assertThatThrownBy(() -> host.sandboxes.change(spec(id, List.of(one, endpoint(network(9), 2)))))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("not found");
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80)) {
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEqualTo("192.0.2.2");
            assertThat(Links.find(inside.route(), "eth1")).isEmpty();
        }
    }

    @Test
    void aNetworkThatTheNodeHasNoRoomForIsRefused() throws Exception {
        create(network(1));
        create(network(1));
        assertThatThrownBy(() -> host.sandboxes.create(BridgeHost.subnet(network(2), "10.0.0.0/16", "10.0.0.1")))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageStartingWith("Pool overlaps with other one on this address space");
        assertThatThrownBy(() -> host.sandboxes.create(BridgeHost.subnet(network(2), "192.0.2.128/25", "192.0.2.129")))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("the node's route to 192.0.2.0/24");
        assertThatThrownBy(() -> host.sandboxes.create(BridgeHost.device(network(2), "br1")))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("networks have same bridge name");
        assertThatThrownBy(() -> host.sandboxes.create(BridgeHost.device(network(2), "out0")))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("the node has a network interface of that name already");
        assertThatThrownBy(() -> host.sandboxes.create(BridgeHost.device(network(2), "\" drop")))
                .isInstanceOf(Failure.Invalid.class);
        ContainerId id = join(network(1), 2);
        assertThatThrownBy(() -> host.sandboxes.remove(network(1).id()))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("has active endpoints");
        host.sandboxes.leave(id);
    }

    @Test
    void anotherLifeOfTheAgentTakesUpWhatRuns() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId id = ContainerId.random();
        List<PublishedPort> before =
                join(id, network, 2, port(80, "tcp", "", 0, 0)).published();
        ContainerId ended = join(network, 3, port(80, "tcp", "", 8081, 8081));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80)) {
            host.die();
            host.route.execute(List.of(
                    Links.veth("lsleftover", 0, new Links.End("x", ""), inside.descriptor()),
                    Links.port(
                            "lsleftover",
                            Links.find(host.route, "br1").orElseThrow().index())));
            host.begin();
            assertThat(host.sandboxes.held()).containsExactlyInAnyOrder(id, ended);
            assertThat(host.sandboxes.resume(spec(id, List.of(endpoint(network, 2)), port(80, "tcp", "", 0, 0)), 0))
                    .isEqualTo(before);
            host.sandboxes.sweep();
            assertThat(host.sandboxes.held()).containsExactly(id);
            assertThat(Links.find(host.route, "lsleftover")).isEmpty();
            assertThat(Talk.ask(host.outside, "192.0.2.1", before.getFirst().hostPort()))
                    .isEqualTo("192.0.2.2");
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isEmpty();
        }
    }

    /** The agent died when it had taken the interface away, and before it had written that down. */
    @Test
    void aChangeThatWasCutOffIsMadeToWhatIsWanted() throws Exception {
        NetworkSpec one = create(network(1));
        NetworkSpec two = create(network(2));
        ContainerId id = join(one, 2);
        ContainerSpec both = spec(id, List.of(endpoint(one, 2), endpoint(two, 2)));
        host.sandboxes.change(both);
        Path record = host.run.resolve("sandboxes").resolve(id.value() + ".json");
        String written = Files.readString(record);
        assertThat(written).contains("\"changing\":false");
        host.die();
        Files.writeString(record, written.replace("\"changing\":false", "\"changing\":true"));
        Path half = Files.writeString(record.resolveSibling(ContainerId.random().value() + ".tmp"), "{");
        try (NetworkNamespace inside = host.inside(id)) {
            inside.route().execute(List.of(Links.delete("eth1")));
            host.begin();
            assertThat(half).doesNotExist();
            host.sandboxes.resume(both, 0);
            host.sandboxes.sweep();
            assertThat(Links.find(inside.route(), "eth0")).isPresent();
            assertThat(Links.find(inside.route(), "eth1")).isPresent();
            assertThat(Files.readString(record)).contains("\"changing\":false");
            try (ServerSocketChannel _ = Talk.serve(inside, 80);
                    NetworkNamespace other = host.inside(join(two, 3))) {
                assertThat(Talk.ask(other, "10.0.2.2", 80)).isEqualTo("10.0.2.3");
            }
        }
    }

    /** The same with an interface that was to go, and is gone. */
    @Test
    void aDisconnectThatWasCutOffIsMadeToWhatIsWanted() throws Exception {
        NetworkSpec one = create(network(1));
        NetworkSpec two = create(network(2));
        ContainerId id = join(one, 2);
        host.sandboxes.change(spec(id, List.of(endpoint(one, 2), endpoint(two, 2))));
        Path record = host.run.resolve("sandboxes").resolve(id.value() + ".json");
        String both = Files.readString(record);
        ContainerSpec alone = spec(id, List.of(endpoint(one, 2)));
        host.sandboxes.change(alone);
        String written = Files.readString(record);
        host.die();
        Files.writeString(record, both.replace("\"changing\":false", "\"changing\":true"));
        try (NetworkNamespace inside = host.inside(id)) {
            host.begin();
            host.sandboxes.resume(alone, 0);
            host.sandboxes.sweep();
            assertThat(Links.find(inside.route(), "eth0")).isPresent();
            assertThat(Links.find(inside.route(), "eth1")).isEmpty();
            assertThat(Files.readString(record)).isEqualTo(written);
        }
    }

    /** An agent in a new mount namespace does not see the mounts of the one before. */
    @Test
    void aSandboxThatIsNotMountedIsFoundByItsProcess() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId id = ContainerId.random();
        ContainerSpec spec = spec(id, List.of(endpoint(network, 2)), port(80, "tcp", "", 8080, 8080));
        joined.add(id);
        host.sandboxes.join(spec);
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80)) {
            Process process = inside.inside(() -> new ProcessBuilder("sleep", "100").start());
            host.die();
            host.syscalls.umount2(host.run.resolve("netns").resolve(id.value()).toString(), MountFlags.MNT_DETACH);
            host.begin();
            assertThat(host.sandboxes.resume(spec, (int) process.pid())).hasSize(2);
            host.sandboxes.sweep();
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEqualTo("192.0.2.2");
            try (NetworkNamespace again = host.inside(id)) {
                assertThat(Links.find(again.route(), "eth0")).isPresent();
            }
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void afterARestartOfTheMachineNetworksAreMadeAgain() throws Exception {
        NetworkSpec network = create(network(1));
        host.die();
        host.route.execute(List.of(Links.delete("br1")));
        host.nft("flush ruleset");
        host.begin();
        ContainerId one = join(network, 2);
        ContainerId two = join(network, 3);
        try (NetworkNamespace inOne = host.inside(one);
                NetworkNamespace inTwo = host.inside(two);
                ServerSocketChannel _ = Talk.serve(inTwo, 80)) {
            assertThat(Talk.ask(inOne, "10.0.1.3", 80)).isEqualTo("10.0.1.2");
        }
    }

    @Test
    void namesAreServedAtPort53ByWhoListensElsewhere() throws Exception {
        host.die();
        List<DatagramChannel> servers = Collections.synchronizedList(new ArrayList<>());
        host.begin(() -> new SandboxService.Presence() {
            @Override
            public void serve(ContainerSpec container, List<EndpointSpec> endpoints, SandboxService.Inside namespace)
                    throws IOException {
                try (NetworkNamespace inside = host.inside(container.id())) {
                    DatagramChannel server =
                            Talk.serveDatagrams(inside, new InetSocketAddress(Cidr.address("127.0.0.11"), 0));
                    servers.add(server);
                    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
                    namespace.redirectNames(port, port);
                }
            }

            @Override
            public void close() {}
        });
        ContainerId id = join(create(network(1)), 2);
        try (NetworkNamespace inside = host.inside(id)) {
            assertThat(Talk.askDatagram(inside, "127.0.0.11", 53)).isNotEmpty();
        }
        for (DatagramChannel server : servers) {
            server.close();
        }
    }

    @Test
    void aThousandPortsArePublishedAtAFlatCost() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId many = ContainerId.random();
        join(many, network, 2, port(80, "tcp", "", 20000, 20000));
        Port[] ports = new Port[1000];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = port(1000 + i, "tcp", "", 10000 + i, 10000 + i);
        }
        ContainerId thousand = ContainerId.random();
        assertThat(join(thousand, network, 3, ports).published()).hasSize(2000);
        try (NetworkNamespace inside = host.inside(thousand);
                ServerSocketChannel _ = Talk.serve(inside, 1999)) {
            assertThat(Talk.ask(host.outside, "192.0.2.1", 10999)).isEqualTo("192.0.2.2");
        }
    }
}
