package io.longshore.agent.networkdriver.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.linux.netlink.Neighbours.Entry;
import io.longshore.agent.linux.netlink.Neighbours.Table;
import io.longshore.agent.networkdriver.Peer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerEntriesTest {
    private static final String MAC = "02:42:0a:01:00:02";
    private static final Peer PEER = new Peer(MAC, List.of("10.1.1.2", "fd01:1::2"), "192.0.2.1");

    @Test
    void aPeerHasAWayIntoTheTunnelOneToItsNodeAndOneForEachAddress() {
        assertThat(PeerEntries.of(List.of(PEER)))
                .containsExactlyInAnyOrder(
                        new Entry(Table.BRIDGE, MAC, ""),
                        new Entry(Table.TUNNEL, MAC, "192.0.2.1"),
                        new Entry(Table.ADDRESS, MAC, "10.1.1.2"),
                        new Entry(Table.ADDRESS, MAC, "fd01:1::2"));
    }

    @Test
    void whatIsReplacedIsNotDeletedFirst() {
        Set<Entry> before = PeerEntries.of(List.of(PEER));
        Set<Entry> after = PeerEntries.of(List.of(new Peer(MAC, PEER.addresses(), "192.0.2.2")));
        PeerEntries.Difference moved = PeerEntries.between(before, after);
        assertThat(moved.deleted()).isEmpty();
        assertThat(moved.added()).containsExactly(new Entry(Table.TUNNEL, MAC, "192.0.2.2"));
        assertThat(PeerEntries.between(after, after).isEmpty()).isTrue();
        assertThat(PeerEntries.between(after, Set.of()).deleted()).hasSize(4);
    }
}
