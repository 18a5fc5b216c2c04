package io.longshore.agent.networkdriver.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.OwnNetwork;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.Neighbours;
import io.longshore.agent.linux.netlink.Neighbours.Entry;
import io.longshore.agent.linux.netlink.Neighbours.Table;
import io.longshore.agent.networkdriver.bridge.Talk;
import io.longshore.agent.networkdriver.overlay.OverlayNode.Member;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes, each in a network namespace, with a link between them. */
class OverlayNodesRootIT {
    private static final int PORT = 4789;
    private static final NetworkSpec NET = Overlays.network(1, true, PORT);

    @SuppressWarnings("NullAway.Init")
    private OverlayNode here;

    @SuppressWarnings("NullAway.Init")
    private OverlayNode there;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void begin(@TempDir Path directory) throws IOException {
        OwnNetwork.assume();
        here = new OverlayNode(directory.resolve("here"), "192.0.2.1");
        there = new OverlayNode(directory.resolve("there"), "192.0.2.2");
        OverlayNode.connect(here, there);
        here.create(NET);
        there.create(NET);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        OwnNetwork.assume();
        for (AutoCloseable each : open) {
            each.close();
        }
        for (OverlayNode node : List.of(here, there)) {
            for (int number = 1; number < 4; number++) {
                node.remove(Overlays.network(number, true, PORT));
            }
            assertThat(node.links()).containsExactlyInAnyOrder("lo", "link0");
        }
        here.close();
        there.close();
    }

    private Member join(OverlayNode node, NetworkSpec network) throws IOException {
        Member member = node.join(network);
        open.add(member);
        ServerSocketChannel server = Talk.serve(member.inside(), 80);
        open.add(server);
        return member;
    }

    private static String ask(Member from, String address) throws IOException {
        return Talk.ask(from.inside(), address, 80);
    }

    @Test
    void whoIsToldReachesEachOtherByTheirOwnAddresses() throws IOException {
        Member one = join(here, NET);
        Member other = join(there, NET);
        here.told(NET, other);
        there.told(NET, one);
        assertThat(ask(one, other.v4())).isEqualTo(one.v4());
        assertThat(ask(other, one.v4())).isEqualTo(other.v4());
        assertThat(ask(one, other.v6())).isNotEmpty();
        here.told(NET);
        assertThat(ask(one, other.v4())).isEmpty();
    }

    @Test
    void eachNodeIsTheGatewayOfItsOwn() throws IOException {
        Member one = join(here, NET);
        Member other = join(there, NET);
        here.told(NET, other);
        there.told(NET, one);
        for (Member member : List.of(one, other)) {
            try (ServerSocketChannel server = Talk.serve(member.node().network, 81)) {
                assertThat(server.isOpen()).isTrue();
                // By the gateway of its own node, and out of it to the other with that node's address.
                assertThat(Talk.ask(member.inside(), "10.1.1.1", 81)).isEqualTo(member.v4());
                OverlayNode elsewhere = member.equals(one) ? there : here;
                try (ServerSocketChannel outside = Talk.serve(elsewhere.network, 82)) {
                    assertThat(outside.isOpen()).isTrue();
                    assertThat(Talk.ask(member.inside(), elsewhere.address, 82)).isEqualTo(member.node().address);
                }
            }
        }
    }

    @Test
    void networksAreApart() throws IOException {
        NetworkSpec second = Overlays.network(2, true, PORT);
        here.create(second);
        there.create(second);
        Member one = join(here, NET);
        Member other = join(there, second);
        here.told(second, other);
        there.told(NET, one);
        assertThat(ask(one, other.v4())).isEmpty();
        assertThat(ask(other, one.v4())).isEmpty();
    }

    @Test
    void containersThatMayNotTalkDoNotTalkAcrossNodes() throws IOException {
        NetworkSpec silent = Overlays.network(3, false, PORT);
        here.create(silent);
        there.create(silent);
        Member one = join(here, silent);
        Member other = join(there, silent);
        here.told(silent, other);
        there.told(silent, one);
        assertThat(ask(one, other.v4())).isEmpty();
    }

    @Test
    void whatSomebodyTakesAwayIsBackAndWhatHeAddsIsGone() throws Exception {
        Member one = join(here, NET);
        Member other = join(there, NET);
        here.told(NET, other);
        there.told(NET, one);
        int link = Links.find(here.network.route(), Tunnels.device(NET.id()))
                .orElseThrow()
                .index();
        Set<Entry> before = Neighbours.list(here.network.route(), link);
        assertThat(before).hasSize(4);
        before.forEach(entry -> execute(Neighbours.delete(link, entry)));
        execute(Neighbours.add(link, new Entry(Table.TUNNEL, "02:42:0a:01:00:99", "192.0.2.77")));
        execute(Neighbours.add(link, new Entry(Table.ADDRESS, "02:42:0a:01:00:99", "10.1.1.99")));
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!Neighbours.list(here.network.route(), link).equals(before) && System.nanoTime() < end) {
            Thread.sleep(50);
        }
        assertThat(Neighbours.list(here.network.route(), link)).isEqualTo(before);
        assertThat(ask(one, other.v4())).isEqualTo(one.v4());
        here.network.route().execute(List.of(Links.delete(Tunnels.device(NET.id()))));
        end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (ask(one, other.v4()).isEmpty() && System.nanoTime() < end) {
            Thread.sleep(50);
        }
        assertThat(ask(one, other.v4())).isEqualTo(one.v4());
    }

    private void execute(io.longshore.agent.linux.netlink.Message message) {
        try {
            here.network.route().execute(List.of(message));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aContainerCannotSpeakAsANode() throws IOException {
        NetworkSpec elsewhere = Overlays.network(2, true, 4790);
        here.create(elsewhere);
        Member one = join(here, NET);
        try (DatagramChannel tunnels = Talk.serveDatagrams(there.network, 4790);
                DatagramChannel other = Talk.serveDatagrams(there.network, 4791)) {
            assertThat(tunnels.isOpen() && other.isOpen()).isTrue();
            assertThat(Talk.askDatagram(one.inside(), there.address, 4791)).isEqualTo(here.address);
            assertThat(Talk.askDatagram(one.inside(), there.address, 4790)).isEmpty();
            here.remove(elsewhere);
            assertThat(Talk.askDatagram(one.inside(), there.address, 4790)).isEqualTo(here.address);
        }
    }

    @Test
    void anAgentThatBeginsAgainKeepsWhatThereIs() throws IOException {
        Member one = join(here, NET);
        Member other = join(there, NET);
        here.told(NET, other);
        there.told(NET, one);
        here.end();
        assertThat(ask(one, other.v4())).isEqualTo(one.v4());
        here.begin();
        assertThat(ask(one, other.v4())).isEqualTo(one.v4());
        here.told(NET, other);
        assertThat(ask(one, other.v4())).isEqualTo(one.v4());
    }

    @Test
    void nobodyTakesAnothersPacketsBySendingUnderItsAddress() throws IOException {
        Member one = join(here, NET);
        Member other = join(there, NET);
        here.told(NET, other);
        there.told(NET, one);
        Member thief = here.join(NET, other.endpoint().spec().mac());
        open.add(thief);
        assertThat(ask(thief, one.v4()))
                .as("its answers go to whom the address belongs")
                .isEmpty();
        assertThat(ask(one, other.v4())).isEqualTo(one.v4());
    }

    @Test
    void aNumberThatTheNodeHasInUseIsRefused() {
        NetworkSpec same = Overlays.network(2, true, PORT);
        NetworkSpec taken = new NetworkSpec(
                same.id(), same.name(), same.driver(), false, same.subnets(), same.bridge(), NET.overlayOptions());
        assertThatThrownBy(() -> here.create(taken))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("VXLAN of number 5001");
    }
}
