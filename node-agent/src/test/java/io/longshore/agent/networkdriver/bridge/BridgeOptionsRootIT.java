package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.endpoint;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.network;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.options;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.port;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the options of a network change, and where a port answers that names an address. */
class BridgeOptionsRootIT extends BridgeCases {
    /** The world knows the way back: without it, it would see the address all the same, and nothing of the answer would arrive. */
    @Test
    void withoutMasqueradingWhatLeavesKeepsItsAddress() throws Exception {
        ContainerId plain = join(
                create(options(
                        network(1, true, true, false), new Bridge("br1", false, true, false, "0.0.0.0", 0, "eth"))),
                2);
        ContainerId masqueraded = join(create(network(2, true, true, false)), 2);
        try (NetworkNamespace inPlain = host.inside(plain);
                NetworkNamespace inMasqueraded = host.inside(masqueraded);
                ServerSocketChannel _ = Talk.serve(inPlain, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81);
                DatagramChannel _ = Talk.serveDatagrams(host.outside, 82)) {
            assertThat(Talk.ask(inPlain, "192.0.2.2", 81)).isEqualTo("10.0.1.2");
            assertThat(Talk.askDatagram(inPlain, "192.0.2.2", 82)).isEqualTo("10.0.1.2");
            assertThat(Talk.ask(inPlain, "2001:db8::2", 81))
                    .startsWith("fd00:1:")
                    .endsWith(":2");
            assertThat(Talk.ask(inMasqueraded, "192.0.2.2", 81)).isEqualTo("192.0.2.1");
            assertThat(Talk.askDatagram(inMasqueraded, "192.0.2.2", 82)).isEqualTo("192.0.2.1");
            assertThat(Talk.ask(inMasqueraded, "2001:db8::2", 81))
                    .startsWith("2001:db8:")
                    .endsWith(":1");
            assertThat(Talk.ask(host.outside, "10.0.1.2", 80))
                    .as("not published")
                    .isEmpty();
        }
    }

    @Test
    void aPortAtAnAddressOfIpv6AnswersThereAlone() throws Exception {
        NetworkSpec network = create(network(1, true, true, false));
        ContainerId id = ContainerId.random();
        assertThat(join(
                                id,
                                network,
                                2,
                                port(80, "tcp", "2001:db8::1", 8080, 8080),
                                port(53, "udp", "2001:db8::1", 5300, 5300))
                        .published())
                .containsExactly(
                        new PublishedPort(80, "tcp", "2001:db8::1", 8080),
                        new PublishedPort(53, "udp", "2001:db8::1", 5300));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                DatagramChannel _ = Talk.serveDatagrams(inside, 53)) {
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080))
                    .as("source kept")
                    .startsWith("2001:db8:")
                    .endsWith(":2");
            assertThat(Talk.askDatagram(host.outside, "2001:db8::1", 5300))
                    .startsWith("2001:db8:")
                    .endsWith(":2");
            assertThat(Talk.ask(null, "2001:db8::1", 8080)).isNotEmpty();
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEmpty();
            assertThat(Talk.askDatagram(host.outside, "192.0.2.1", 5300)).isEmpty();
            assertThat(Talk.ask(null, "::1", 8080)).isEmpty();
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEmpty();
        }
    }

    /** The container has no address that the kernel could translate to. */
    @Test
    void addressesOfIpv6AreRelayedToAContainerWithoutOne() throws Exception {
        ContainerId id = ContainerId.random();
        assertThat(join(
                                id,
                                create(network(1)),
                                2,
                                port(80, "tcp", "::1", 8080, 8080),
                                port(80, "tcp", "2001:db8::1", 8081, 8081))
                        .published())
                .containsExactly(
                        new PublishedPort(80, "tcp", "::1", 8080), new PublishedPort(80, "tcp", "2001:db8::1", 8081));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80)) {
            assertThat(Talk.ask(null, "::1", 8080)).isEqualTo("10.0.1.1");
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8081)).isEqualTo("10.0.1.1");
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8081)).isEmpty();
        }
    }

    @Test
    void portsThatNameNoAddressAnswerAtTheNetworksOwn() throws Exception {
        NetworkSpec network = create(options(network(1), new Bridge("br1", false, true, true, "127.0.0.1", 0, "eth")));
        ContainerId id = ContainerId.random();
        assertThat(join(id, network, 2, port(80, "tcp", "", 8080, 8080), port(80, "tcp", "192.0.2.1", 8081, 8081))
                        .published())
                .containsExactly(
                        new PublishedPort(80, "tcp", "127.0.0.1", 8080),
                        new PublishedPort(80, "tcp", "192.0.2.1", 8081));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80)) {
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEqualTo("10.0.1.1");
            assertThat(Talk.ask(null, "::1", 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8081)).isEqualTo("192.0.2.2");
        }
    }

    @Test
    void interfacesHaveTheNetworksPrefix() throws Exception {
        NetworkSpec lan = create(options(network(1), new Bridge("br1", false, true, true, "0.0.0.0", 0, "lan")));
        NetworkSpec second = create(options(network(2), new Bridge("br2", false, true, true, "0.0.0.0", 0, "lan")));
        NetworkSpec usual = create(network(3));
        ContainerId id = ContainerId.random();
        joined.add(id);
        host.sandboxes.join(spec(id, List.of(endpoint(lan, 2), endpoint(second, 2), endpoint(usual, 2))));
        try (NetworkNamespace inside = host.inside(id)) {
            assertThat(Links.list(inside.route()))
                    .extracting(link -> link.name())
                    .contains("lan0", "lan1", "eth0")
                    .doesNotContain("eth1", "eth2", "lan2");
            ContainerId other = join(lan, 3);
            try (NetworkNamespace inOther = host.inside(other);
                    ServerSocketChannel _ = Talk.serve(inOther, 80)) {
                assertThat(Talk.ask(inside, "10.0.1.3", 80)).isEqualTo("10.0.1.2");
            }
        }
    }
}
