package io.longshore.container.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.overlay.PeerSets.Wanted;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.OverlayPeers;
import io.longshore.contracts.agent.OverlayPeers.Peer;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerSetsTest {
    private static final NodeId ONE = NodeId.parse("node-1");
    private static final NodeId TWO = NodeId.parse("node-2");
    private static final NodeId THREE = NodeId.parse("node-3");
    private static final Map<NodeId, String> ADDRESSES = Map.of(ONE, "192.0.2.1", TWO, "192.0.2.2");
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);

    private static EndpointSpec endpoint(String network, int number) {
        NetworkSpec spec =
                new NetworkSpec(network, "net", "overlay", false, List.of(), null, new NetworkSpec.Overlay(4097, 4789));
        return new EndpointSpec(
                String.format("%064d", number),
                spec,
                "02:42:0a:08:00:0" + number,
                List.of("10.8.0." + number + "/24", "fd00::" + number + "/64"),
                List.of("c" + number, "alias"),
                List.of(),
                0);
    }

    private static Member member(NodeId node, boolean runs, String network, int number) {
        return new Member(node, runs, List.of(endpoint(network, number)));
    }

    private static Wanted of(NodeId node, Member... members) {
        return Objects.requireNonNull(PeerSets.of(List.of(members), ADDRESSES).get(node), "nothing for " + node);
    }

    private static Peer peer(String network, int number, String node) {
        return new Peer(
                String.format("%064d", number),
                network,
                "02:42:0a:08:00:0" + number,
                List.of("10.8.0." + number, "fd00::" + number),
                List.of("c" + number, "alias"),
                node);
    }

    @Test
    void aNodeKnowsWhoRunsElsewhereOnNetworksThatItIsOn() {
        Member[] all = {
            member(ONE, false, A, 1),
            member(TWO, true, A, 2),
            member(TWO, false, A, 3),
            member(TWO, true, B, 4),
            member(ONE, true, A, 5)
        };
        assertThat(of(ONE, all).networks()).isEqualTo(Set.of(A));
        assertThat(of(ONE, all).peers().values()).containsExactly(peer(A, 2, "192.0.2.2"));
        assertThat(of(TWO, all).networks()).isEqualTo(Set.of(A, B));
        assertThat(of(TWO, all).peers().values()).containsExactly(peer(A, 5, "192.0.2.1"));
    }

    @Test
    void whoIsOnANodeThatNobodyReachesIsNotFound() {
        assertThat(of(ONE, member(ONE, true, A, 1), member(THREE, true, A, 2)).peers())
                .isEmpty();
    }

    @Test
    void aChangeLeadsOnFromWhatTheNodeHas() {
        Peer one = peer(A, 1, "192.0.2.1");
        Peer two = peer(A, 2, "192.0.2.2");
        Map<String, Peer> before = Map.of(one.id(), one, two.id(), two);
        Peer moved = peer(A, 2, "192.0.2.1");
        OverlayPeers change = PeerSets.change(7, before, 3, Map.of(moved.id(), moved));
        assertThat(change.base()).isEqualTo(3);
        assertThat(change.revision()).isEqualTo(4);
        assertThat(change.put()).containsExactly(moved);
        assertThat(change.gone()).containsExactly(one.id());
        OverlayPeers same = PeerSets.change(7, before, 3, before);
        assertThat(same.put()).isEmpty();
        assertThat(same.revision()).isEqualTo(same.base());
        OverlayPeers whole = PeerSets.change(7, null, 3, before);
        assertThat(whole.base()).isZero();
        assertThat(whole.revision()).isEqualTo(4);
        assertThat(whole.put()).hasSize(2);
    }
}
