package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.network;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.port;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Somebody on a link of the node, who sends it whatever he likes: packets to the node's loopback (what Docker Engine drops since 28) and to
 * containers by their own addresses (CVE-2025-54388, CVE-2025-54410), also when another firewall has flushed our rules.
 */
class BridgeNeighbourRootIT extends BridgeCases {
    private static final String FLUSH = "flush ruleset";

    /** The neighbour sends packets to 127.0.0.1 to the node and believes answers from there; the node's interface lets them in. */
    @BeforeEach
    void routeLoopback() throws Exception {
        localnet(host.outside, "in0", true);
        localnet(null, "out0", true);
        // With that address on his own loopback, that is where they would go.
        Process route = host.outside.inside(() -> new ProcessBuilder(
                        "sh", "-c", "ip addr flush dev lo && ip route add 127.0.0.1/32 via 192.0.2.1 dev in0")
                .inheritIO()
                .start());
        assertThat(route.waitFor()).isZero();
        // Without networks there is no table: so the packets do arrive.
        try (ServerSocketChannel _ = Talk.serve(null, 7070)) {
            assertThat(Talk.ask(host.outside, "127.0.0.1", 7070)).isEqualTo("192.0.2.2");
        }
    }

    private static void localnet(@Nullable NetworkNamespace where, String device, boolean on) throws IOException {
        Path file = Path.of("/proc/sys/net/ipv4/conf", device, "route_localnet");
        NetworkNamespace.Work<Path> write = () -> Files.writeString(file, on ? "1" : "0");
        if (where == null) {
            write.run();
        } else {
            where.inside(write);
        }
    }

    @Test
    void aPortOfLoopbackIsTheNodesAlone() throws Exception {
        ContainerId id = join(
                create(network(1)), 2, port(80, "tcp", "127.0.0.1", 8080, 8080), port(53, "udp", "127.0.0.1", 53, 53));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                DatagramChannel _ = Talk.serveDatagrams(inside, 53)) {
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEqualTo("10.0.1.1");
            assertThat(Talk.askDatagram(null, "127.0.0.1", 53)).isEqualTo("10.0.1.1");
            for (boolean routed : new boolean[] {true, false}) {
                localnet(null, "out0", routed);
                assertThat(Talk.ask(host.outside, "127.0.0.1", 8080)).isEmpty();
                assertThat(Talk.askDatagram(host.outside, "127.0.0.1", 53)).isEmpty();
                assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEmpty();
            }
        }
    }

    @Test
    void aContainerIsReachedByItsPublishedPortsOnly() throws Exception {
        ContainerId id = join(
                create(network(1, true, true, false)),
                2,
                port(80, "tcp", "", 8080, 8080),
                port(81, "tcp", "127.0.0.1", 8081, 8081));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                ServerSocketChannel _ = Talk.serve(inside, 81);
                ServerSocketChannel _ = Talk.serve(inside, 82)) {
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEqualTo("192.0.2.2");
            assertThat(Talk.ask(null, "127.0.0.1", 8081)).isEqualTo("10.0.1.1");
            for (int port = 80; port <= 82; port++) {
                assertThat(Talk.ask(null, "10.0.1.2", port)).isEqualTo("10.0.1.1");
                assertThat(Talk.ask(host.outside, "10.0.1.2", port))
                        .as("" + port)
                        .isEmpty();
                assertThat(Talk.ask(host.outside, "fd00:1::2", port))
                        .as("" + port)
                        .isEmpty();
            }
        }
    }

    /** A firewall that is loaded anew takes our rules with it. */
    @Test
    void isolationIsBackAfterAFlush() throws Exception {
        ContainerId web =
                join(create(network(1)), 2, port(80, "tcp", "", 8080, 8080), port(81, "tcp", "127.0.0.1", 8081, 8081));
        ContainerId other = join(create(network(2)), 2);
        ContainerId inner = join(create(network(3, false, true, true)), 2);
        try (NetworkNamespace inWeb = host.inside(web);
                NetworkNamespace inOther = host.inside(other);
                NetworkNamespace inInner = host.inside(inner);
                ServerSocketChannel _ = Talk.serve(inWeb, 80);
                ServerSocketChannel _ = Talk.serve(inWeb, 81);
                ServerSocketChannel _ = Talk.serve(inOther, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            host.nft(FLUSH);
            awaitPublished();
            assertThat(Talk.ask(null, "127.0.0.1", 8081)).isEqualTo("10.0.1.1");
            assertThat(Talk.ask(inWeb, "192.0.2.2", 81)).as("masqueraded").isEqualTo("192.0.2.1");
            assertThat(Talk.ask(inWeb, "10.0.2.2", 80)).isEmpty();
            assertThat(Talk.ask(inOther, "10.0.1.2", 80)).isEmpty();
            assertThat(Talk.ask(inInner, "192.0.2.2", 81)).isEmpty();
            assertThat(Talk.ask(inInner, "10.0.1.2", 80)).isEmpty();
            assertThat(Talk.ask(inInner, "10.0.3.1", 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, "127.0.0.1", 8081)).isEmpty();
            assertThat(Talk.ask(host.outside, "10.0.1.2", 80)).isEmpty();
            // It is our table that keeps them apart: with nobody to make it again they reach each other.
            host.die();
            host.nft(FLUSH);
            assertThat(Talk.ask(inWeb, "10.0.2.2", 80)).isEqualTo("10.0.1.2");
            assertThat(Talk.ask(host.outside, "10.0.1.2", 80)).isEqualTo("192.0.2.2");
            host.begin();
        }
    }

    /** The kernel translates again: the relay, which answers meanwhile, does not keep the client's address. */
    private void awaitPublished() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        String answer = "";
        while (!answer.equals("192.0.2.2") && System.nanoTime() < end) {
            answer = Talk.ask(host.outside, "192.0.2.1", 8080);
        }
        assertThat(answer).isEqualTo("192.0.2.2");
    }
}
