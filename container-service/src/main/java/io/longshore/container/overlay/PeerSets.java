package io.longshore.container.overlay;

import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.OverlayPeers;
import io.longshore.contracts.agent.OverlayPeers.Peer;
import io.longshore.contracts.id.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What each node is to know of the others. Pure. */
final class PeerSets {
    private PeerSets() {}

    /**
     * What one node is to know.
     *
     * @param networks those that a container of the node is on, whether it runs or not: so a start finds the others
     * @param peers by endpoint
     */
    record Wanted(Set<String> networks, Map<String, Peer> peers) {
        static final Wanted NOTHING = new Wanted(Set.of(), Map.of());
    }

    private record Placed(NodeId node, Peer peer) {}

    /**
     * For each node that has a container on such a network. Who does not run is not found, and neither is who is on a node that others do not
     * reach.
     *
     * @param addresses at which nodes are reached by others; those that are not there are not reached
     */
    static Map<NodeId, Wanted> of(Collection<Member> members, Map<NodeId, String> addresses) {
        Map<String, List<Placed>> placed = new HashMap<>();
        Map<NodeId, Set<String>> networks = new HashMap<>();
        for (Member member : members) {
            String address = addresses.get(member.node());
            for (EndpointSpec endpoint : member.endpoints()) {
                String network = endpoint.network().id();
                networks.computeIfAbsent(member.node(), id -> new HashSet<>()).add(network);
                if (member.runs() && address != null && !endpoint.addresses().isEmpty()) {
                    placed.computeIfAbsent(network, id -> new ArrayList<>())
                            .add(new Placed(member.node(), peer(endpoint, address)));
                }
            }
        }
        Map<NodeId, Wanted> all = new HashMap<>();
        networks.forEach((node, own) -> {
            Map<String, Peer> peers = new HashMap<>();
            own.forEach(network -> placed.getOrDefault(network, List.of()).stream()
                    .filter(each -> !each.node().equals(node))
                    .forEach(each -> peers.put(each.peer().id(), each.peer())));
            all.put(node, new Wanted(Set.copyOf(own), Map.copyOf(peers)));
        });
        return all;
    }

    private static Peer peer(EndpointSpec endpoint, String address) {
        return new Peer(
                endpoint.id(),
                endpoint.network().id(),
                endpoint.mac(),
                endpoint.addresses().stream()
                        .map(each -> each.substring(0, each.indexOf('/')))
                        .toList(),
                endpoint.names(),
                address);
    }

    /**
     * What leads from one set to another.
     *
     * @param before what the node has; null if that is not known
     * @param revision of {@code before}
     */
    static OverlayPeers change(
            long epoch, @Nullable Map<String, Peer> before, long revision, Map<String, Peer> wanted) {
        if (before == null) {
            return new OverlayPeers(epoch, 0, revision + 1, List.copyOf(wanted.values()), List.of());
        }
        List<Peer> put = wanted.values().stream()
                .filter(peer -> !peer.equals(before.get(peer.id())))
                .toList();
        List<String> gone =
                before.keySet().stream().filter(id -> !wanted.containsKey(id)).toList();
        // The same once more is only a question whether the node still has it.
        boolean same = put.isEmpty() && gone.isEmpty();
        return new OverlayPeers(epoch, revision, same ? revision : revision + 1, put, gone);
    }
}
