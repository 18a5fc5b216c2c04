package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.endpoint;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.network;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.port;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.jna.JnaNftablesLibrary;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.linux.netlink.Nftables;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Our table, who harms it, and others' tables beside it. */
class BridgeFirewallRootIT extends BridgeCases {
    @Test
    void rulesThatSomebodyFlushesAreBackWithinSeconds() throws Exception {
        ContainerId id = join(create(network(1)), 2, port(80, "tcp", "", 8080, 8080));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80)) {
            for (String harm : List.of(
                    "flush ruleset",
                    "flush table inet " + BridgeHost.TABLE,
                    "flush map inet " + BridgeHost.TABLE + " ports4",
                    "add rule inet " + BridgeHost.TABLE + " forward drop")) {
                host.nft(harm);
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
                String answer = "";
                while (!answer.equals("192.0.2.2") && System.nanoTime() < end) {
                    answer = Talk.ask(host.outside, "192.0.2.1", 8080);
                }
                assertThat(answer).as(harm).isEqualTo("192.0.2.2");
            }
        }
    }

    @Test
    void anotherFirewallThatDropsWhatIsForwardedIsToldToLetOursThrough() throws Exception {
        ContainerId id = join(create(network(1)), 2, port(80, "tcp", "", 8080, 8080));
        host.nft(
                "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }");
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while (host.driver.remarks().isEmpty() && System.nanoTime() < end) {
                Thread.sleep(50);
            }
            assertThat(host.driver.remarks()).singleElement().asString().contains("chain ip filter FORWARD");
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEqualTo("192.0.2.2");
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isEqualTo("192.0.2.1");
        } finally {
            host.nft("delete table ip filter");
        }
    }

    @Test
    void theRuleIsAddedOnceAndWhereDockerKeepsAChainForIt() throws Exception {
        join(create(network(1)), 2);
        Nftables.Chain user = new Nftables.Chain("ip", "filter", "DOCKER-USER", false, false);
        host.nft(
                "add table ip filter; add chain ip filter DOCKER-USER; add rule ip filter DOCKER-USER counter comment \"theirs\";"
                        + " add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }");
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter(host.syscalls)) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while (host.driver.remarks().isEmpty() && System.nanoTime() < end) {
                Thread.sleep(50);
            }
            host.nft("add chain ip filter other");
            // Longer than what is seen at once, and than it takes to look.
            Thread.sleep(500);
            assertThat(Nftables.comments(netfilter, user)).containsExactly(BridgeHost.TABLE, "theirs");
            assertThat(Nftables.chains(netfilter))
                    .contains(user, new Nftables.Chain("ip", "filter", "FORWARD", true, true));
        } finally {
            host.nft("delete table ip filter");
        }
    }

    /** Its policy is to accept, and its last rule rejects; it is there before the agent is, and loads its table anew meanwhile. */
    @Test
    void firewalldIsToldToLetOursThrough() throws Exception {
        String firewalld = """
                add table inet firewalld
                add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; policy accept; }
                add rule inet firewalld filter_FORWARD ct state established,related accept
                add rule inet firewalld filter_FORWARD reject with icmpx type admin-prohibited
                """;
        NetworkSpec network = create(network(1, true, true, false));
        ContainerId id = ContainerId.random();
        Port web = port(80, "tcp", "", 8080, 8080);
        join(id, network, 2, web);
        host.die();
        host.nft(firewalld);
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isEmpty();
            assertThat(Talk.ask(inside, "2001:db8::2", 81)).isEmpty();
            host.begin();
            host.sandboxes.resume(spec(id, List.of(endpoint(network, 2)), web), 0);
            assertThat(host.driver.remarks())
                    .singleElement()
                    .asString()
                    .contains("chain inet firewalld filter_FORWARD");
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isEqualTo("192.0.2.1");
            assertThat(Talk.ask(inside, "2001:db8::2", 81)).startsWith("2001:db8:");
            assertThat(Talk.ask(host.outside, "192.0.2.1", 8080)).isEqualTo("192.0.2.2");
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080)).startsWith("2001:db8:");
            host.nft("delete table inet firewalld\n" + firewalld);
            awaitAnswer(inside, "192.0.2.2", 81);
            awaitAnswer(inside, "2001:db8::2", 81);
        } finally {
            host.nft("delete table inet firewalld");
        }
    }

    /** As ip6tables makes it, where IPv4 is let through. */
    @Test
    void aFirewallOfIpv6AloneIsToldToLetOursThrough() throws Exception {
        NetworkSpec network = create(network(1, true, true, false));
        ContainerId id = ContainerId.random();
        Port web = port(80, "tcp", "", 8080, 8080);
        join(id, network, 2, web);
        host.die();
        host.nft(
                "add table ip6 filter; add chain ip6 filter FORWARD { type filter hook forward priority 0; policy drop; }");
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 81)) {
            assertThat(Talk.ask(inside, "192.0.2.2", 81)).isEqualTo("192.0.2.1");
            assertThat(Talk.ask(inside, "2001:db8::2", 81)).isEmpty();
            host.begin();
            host.sandboxes.resume(spec(id, List.of(endpoint(network, 2)), web), 0);
            assertThat(host.driver.remarks()).singleElement().asString().contains("chain ip6 filter FORWARD");
            assertThat(Talk.ask(inside, "2001:db8::2", 81)).startsWith("2001:db8:");
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080)).startsWith("2001:db8:");
        } finally {
            host.nft("delete table ip6 filter");
        }
    }

    private static void awaitAnswer(NetworkNamespace from, String address, int port) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        String answer = "";
        while (answer.isEmpty() && System.nanoTime() < end) {
            answer = Talk.ask(from, address, port);
        }
        assertThat(answer).isNotEmpty();
    }

    /** Nor the other way round, which {@link BridgeNetworkRootIT} has. */
    @Test
    void anInternalNetworkDoesNotReachWhatOthersPublish() throws Exception {
        ContainerId web = join(create(network(1)), 2, port(80, "tcp", "", 8080, 8080));
        ContainerId inner = join(create(network(2, false, true, true)), 2);
        ContainerId other = join(create(network(3)), 2);
        try (NetworkNamespace inWeb = host.inside(web);
                NetworkNamespace inInner = host.inside(inner);
                NetworkNamespace inOther = host.inside(other);
                ServerSocketChannel _ = Talk.serve(inWeb, 80)) {
            assertThat(Talk.ask(inOther, "10.0.3.1", 8080)).isEqualTo("10.0.3.2");
            assertThat(Talk.ask(inInner, "10.0.2.1", 8080)).isEmpty();
        }
    }

    /** Connection tracking knows the flow before there is a rule for it. */
    @Test
    void whoAskedBeforeAPortWasPublishedReachesItToo() throws Exception {
        // Without a table nothing is tracked.
        create(network(2));
        try (DatagramChannel early = Talk.datagrams(host.outside, "192.0.2.1", 5300)) {
            try (DatagramChannel _ = Talk.serveDatagrams(null, 5300)) {
                assertThat(Talk.askDatagram(early)).isEqualTo("192.0.2.2");
            }
            ContainerId id =
                    join(create(network(1)), 2, port(53, "udp", "", 5300, 5300), port(54, "udp", "", 5400, 5400));
            try (NetworkNamespace inside = host.inside(id);
                    DatagramChannel _ = Talk.serveDatagrams(inside, 53)) {
                assertThat(Talk.askDatagram(early)).isEqualTo("192.0.2.2");
            }
        }
    }

    /** Of which the kernel tells more at once than a socket holds. */
    @Test
    void aTableWithManyPortsIsMadeOnce() throws Exception {
        Port[] ports = IntStream.range(0, 2_000)
                .mapToObj(each -> port(10_000 + each, "udp", "", 10_000 + each, 10_000 + each))
                .toArray(Port[]::new);
        try (JnaNftablesLibrary nftables = JnaNftablesLibrary.open();
                NetlinkSocket netfilter = NetlinkSocket.netfilter(host.syscalls)) {
            join(create(network(1)), 2, ports);
            // With that many sockets it is too late for another one.
            assertThatThrownBy(JnaNftablesLibrary::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("open files");
            nftables.run("flush table inet " + BridgeHost.TABLE);
            Thread.sleep(3_000);
            int made = Nftables.generation(netfilter);
            Thread.sleep(5_000);
            assertThat(Nftables.generation(netfilter)).isEqualTo(made);
            assertThat(Nftables.chains(netfilter))
                    .extracting(Nftables.Chain::table)
                    .contains(BridgeHost.TABLE);
        }
    }
}
