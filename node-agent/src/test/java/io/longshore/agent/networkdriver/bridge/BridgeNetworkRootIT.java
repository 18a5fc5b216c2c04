package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.endpoint;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.network;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.port;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who reaches whom over bridges, in the kernel. */
class BridgeNetworkRootIT {
    private BridgeHost host;
    private final List<ContainerId> joined = new ArrayList<>();
    private final List<String> networks = new ArrayList<>();

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        host = new BridgeHost(directory);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        joined.forEach(host.sandboxes::leave);
        networks.forEach(host.sandboxes::remove);
        assertThat(host.run.resolve("netns")).isEmptyDirectory();
        assertThat(host.run.resolve("sandboxes")).isEmptyDirectory();
        assertThat(host.directory.resolve("network")).isEmptyDirectory();
        List<Link> left = links();
        for (int i = 0; i < 50 && left.size() > 2; i++) {
            Thread.sleep(100);
            left = links();
        }
        assertThat(left).extracting(Link::name).containsExactlyInAnyOrder("lo", "out0");
        host.close();
    }

    /** Without the devices that modules put into every namespace. */
    private List<Link> links() throws IOException {
        return Links.list(host.route).stream()
                .filter(link -> link.name().matches("lo|out0|ls.*|br.*"))
                .toList();
    }

    private NetworkSpec create(NetworkSpec network) {
        host.sandboxes.create(network);
        networks.add(network.id());
        return network;
    }

    private Sandboxes.Joined join(
            ContainerId id,
            NetworkSpec network,
            int address,
            io.longshore.contracts.agent.ContainerSpec.Port... ports) {
        joined.add(id);
        return host.sandboxes.join(spec(id, List.of(endpoint(network, address)), ports));
    }

    private ContainerId join(
            NetworkSpec network, int address, io.longshore.contracts.agent.ContainerSpec.Port... ports) {
        ContainerId id = ContainerId.random();
        join(id, network, address, ports);
        return id;
    }

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
            other.bind(new InetSocketAddress("0.0.0.0", 8081));
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
}
