package io.longshore.agent;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkRequest;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes on a bridge, by an agent that is killed now and then. */
@Timeout(180)
class BridgedAgentRootIT {
    private static final NetworkSpec NETWORK = new NetworkSpec(
            "a".repeat(64),
            "front",
            "bridge",
            false,
            List.of(new Subnet("10.7.0.0/16", "10.7.0.1")),
            new Bridge("lsbr0", false, true, true, "0.0.0.0", 0, "eth"));

    private static final String OURS = "(?s).*\\bls\\w+:.*";
    private static final String SERVER = "while true; do echo served | nc -l -p 80 > /dev/null 2>&1; done";

    @TempDir
    private Path directory;

    private final Path run = Path.of("/run/ls-bridge-" + ProcessHandle.current().pid());
    private final String cgroups = "/ls-bridge-" + ProcessHandle.current().pid();

    @SuppressWarnings("NullAway.Init")
    private AgentProcess process;

    @SuppressWarnings("NullAway.Init")
    private AgentUnderTest agent;

    private List<Digest> layers = List.of();

    @BeforeEach
    void begin() throws Exception {
        OwnNetwork.assume();
        process = AgentProcess.start(directory, run, cgroups);
        agent = new AgentUnderTest(process.socket());
        layers = agent.load(
                new ByteArrayInputStream(TestImage.busybox("test:latest").archive()));
        agent.api().createNetwork(AgentUnderTest.caller(), NETWORK.id(), NETWORK);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        OwnNetwork.assume();
        for (Observed left : agent.everything().containers()) {
            agent.remove(left.id(), true);
        }
        agent.api().removeNetwork(AgentUnderTest.caller(), NETWORK.id());
        new NodeLeftovers(directory, run, cgroups).assertNone();
        String devices = devices();
        for (int i = 0; i < 50 && devices.matches(OURS); i++) {
            Thread.sleep(100);
            devices = devices();
        }
        assertThat(devices).doesNotMatch(OURS);
        agent.close();
        process.stop();
        new NodeLeftovers(directory, run, cgroups).remove();
    }

    private static String devices() throws IOException {
        return Files.readString(Path.of("/proc/self/net/dev"));
    }

    private void killAgent() throws Exception {
        process.kill();
        agent.close();
        process = AgentProcess.start(directory, run, cgroups);
        agent = new AgentUnderTest(process.socket());
    }

    private static EndpointSpec endpoint(int address) {
        return new EndpointSpec(
                String.format("%064x", address),
                NETWORK,
                String.format("02:42:0a:07:00:%02x", address),
                List.of("10.7.0." + address + "/16"),
                List.of(),
                List.of(),
                0);
    }

    private static Network network(List<EndpointSpec> endpoints, List<Port> ports) {
        return new Network(null, endpoints, ports, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    private ContainerSpec spec(Network network, String command) {
        return Specs.of(layers, "sh", "-c", command).spec(ContainerId.random()).network(network);
    }

    private String output(ContainerSpec spec) throws IOException {
        agent.apply(spec, 1);
        agent.awaitEnd(spec.id());
        return agent.logText(spec.id(), "");
    }

    private static String ask(int port) throws Exception {
        for (int attempt = 0; attempt < 50; attempt++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 2_000);
                socket.setSoTimeout(2_000);
                socket.shutdownOutput();
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                Thread.sleep(100); // nc is about to listen again
            }
        }
        return "";
    }

    @Test
    void aContainerIsOnItsBridgeFromItsFirstInstruction() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try {
                        server.accept().close();
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            onItsBridge(server.getLocalPort());
        }
    }

    private void onItsBridge(int port) throws Exception {
        ContainerSpec spec = spec(
                network(List.of(endpoint(2)), List.of()),
                "nc -w 1 10.7.0.1 " + port
                        + " < /dev/null && echo reached; ip -4 addr show eth0; ip route; cat /etc/hosts; ip -6 addr show eth0; ip link show eth0 | grep -q 02:42:0a:07:00:02 && echo mac");
        assertThat(output(spec))
                .contains(
                        "inet 10.7.0.2/16",
                        "default via 10.7.0.1 dev eth0",
                        "10.7.0.2\t" + spec.hostname(),
                        "mac",
                        "reached")
                .doesNotContain("inet6");
    }

    @Test
    void containersAndPortsOutliveTheAgent() throws Exception {
        Port published = new Port(80, "tcp", "", 0, 0);
        ContainerSpec spec = spec(network(List.of(endpoint(2)), List.of(published)), SERVER);
        Observed before = agent.apply(spec, 1);
        int port = before.ports().getFirst().hostPort();
        assertThat(before.ports())
                .containsExactly(
                        new PublishedPort(80, "tcp", "0.0.0.0", port), new PublishedPort(80, "tcp", "::", port));
        assertThat(ask(port)).isEqualTo("served\n");
        for (int life = 0; life < 3; life++) {
            killAgent();
            assertThat(agent.observe(spec.id()).ports()).isEqualTo(before.ports());
            assertThat(ask(port)).isEqualTo("served\n");
        }
        ContainerSpec refused =
                spec(network(List.of(endpoint(3)), List.of(new Port(80, "tcp", "", port, port))), SERVER);
        assertThatThrownBy(() -> agent.apply(refused, 1)).hasMessageEndingWith("port is already allocated");
        assertThat(requireNonNull(agent.ticks(spec.id(), 1).getFirst().sample()).networks())
                .containsOnlyKeys("eth0");
        agent.signal(spec.id(), 9, 10);
        assertThat(agent.observe(spec.id()).ports()).isEmpty();
        agent.apply(spec, 2);
        assertThat(ask(agent.observe(spec.id()).ports().getFirst().hostPort())).isEqualTo("served\n");
    }

    @Test
    void anotherContainersNetworkIsJoined() throws Exception {
        ContainerSpec owner = spec(network(List.of(endpoint(2)), List.of()), "sleep 1000");
        Network joined =
                new Network(owner.id(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
        assertThatThrownBy(() -> agent.apply(spec(joined, "true"), 1))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage("cannot join network of a non running container: " + owner.id());
        agent.apply(owner, 1);
        assertThat(output(spec(joined, "ip -4 addr show eth0; cat /etc/hosts")))
                .contains("inet 10.7.0.2/16", "10.7.0.2\t" + owner.hostname());
        ContainerSpec alone = Specs.of(layers, "sleep", "1000").spec(ContainerId.random());
        agent.apply(alone, 1);
        Network lonely =
                new Network(alone.id(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
        assertThat(output(spec(lonely, "ip -4 addr"))).contains("127.0.0.1").doesNotContain("10.7.0");
    }

    @Test
    void aRunningContainerIsConnectedAndDisconnected() throws Exception {
        ContainerSpec spec = spec(network(List.of(endpoint(2)), List.of(new Port(80, "tcp", "", 0, 0))), SERVER);
        agent.apply(spec, 1);
        Observed none = agent.api()
                .network(
                        AgentUnderTest.caller(),
                        spec.id(),
                        new NetworkRequest(1, network(List.of(), spec.network().ports())));
        assertThat(none.ports()).isEmpty();
        Observed again = agent.api().network(AgentUnderTest.caller(), spec.id(), new NetworkRequest(1, spec.network()));
        assertThat(ask(again.ports().getFirst().hostPort())).isEqualTo("served\n");
        assertThatThrownBy(() -> agent.api().removeNetwork(AgentUnderTest.caller(), NETWORK.id()))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("has active endpoints");
    }

    @Test
    void manyStartAtOnceAndLeaveNothing() throws Exception {
        int lives = 64;
        int atOnce = 16;
        List<Long> nanos = new ArrayList<>();
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            List<Future<Long>> futures = new ArrayList<>();
            for (int i = 0; i < lives; i++) {
                ContainerSpec spec = spec(network(List.of(endpoint(2 + i)), List.of()), "true");
                futures.add(threads.submit(() -> {
                    long start = System.nanoTime();
                    agent.apply(spec, 1);
                    agent.awaitEnd(spec.id());
                    agent.remove(spec.id(), false);
                    return System.nanoTime() - start;
                }));
            }
            for (Future<Long> each : futures) {
                nanos.add(each.get());
            }
        }
        long all = System.nanoTime() - begin;
        assertThat(Duration.ofNanos(all)).isLessThan(Duration.ofSeconds(60));
        assertThat(nanos).hasSize(lives);
    }
}
