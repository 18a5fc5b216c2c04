package io.longshore.agent.networkdriver.overlay;

import io.longshore.agent.linux.netlink.Neighbours.Entry;
import io.longshore.agent.linux.netlink.Neighbours.Table;
import io.longshore.agent.networkdriver.Peer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a tunnel should know, and what that takes from what it knows. Pure. */
final class PeerEntries {
    private PeerEntries() {}

    /**
     * What is to be done, in this order.
     *
     * @param deleted entries that are there and should not be
     * @param added entries that are not there; one that replaces another of its key is not deleted first
     */
    record Difference(List<Entry> deleted, List<Entry> added) {
        boolean isEmpty() {
            return deleted.isEmpty() && added.isEmpty();
        }
    }

    /** The entries that lead to these. */
    static Set<Entry> of(List<Peer> peers) {
        Set<Entry> all = new HashSet<>();
        for (Peer peer : peers) {
            all.add(new Entry(Table.BRIDGE, peer.mac(), ""));
            all.add(new Entry(Table.TUNNEL, peer.mac(), peer.node()));
            peer.addresses().forEach(address -> all.add(new Entry(Table.ADDRESS, peer.mac(), address)));
        }
        return all;
    }

    /** From what there is to what there should be. */
    static Difference between(Set<Entry> present, Set<Entry> wanted) {
        Set<Object> kept = new HashSet<>();
        wanted.forEach(entry -> kept.add(key(entry)));
        List<Entry> deleted = new ArrayList<>();
        List<Entry> added = new ArrayList<>();
        present.stream()
                .filter(entry -> !wanted.contains(entry) && !kept.contains(key(entry)))
                .forEach(deleted::add);
        wanted.stream().filter(entry -> !present.contains(entry)).forEach(added::add);
        return new Difference(deleted, added);
    }

    /** What the kernel has one of. */
    private static Object key(Entry entry) {
        return List.of(entry.table(), entry.table() == Table.ADDRESS ? entry.address() : entry.mac());
    }
}
