package io.longshore.agent.overlay;

import io.longshore.contracts.agent.OverlayPeers;
import io.longshore.contracts.agent.OverlayPeers.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an agent was told of other nodes. Immutable.
 *
 * @param epoch under which
 * @param revision of this epoch
 * @param peers endpoints elsewhere
 */
record PeerSet(long epoch, long revision, List<Peer> peers) {
    /** Nobody has told anything. */
    static final PeerSet NONE = new PeerSet(0, 0, List.of());

    PeerSet {
        peers = List.copyOf(peers);
    }

    /** What it is after that; null if that leads on from another, or comes late: of an epoch that is over, or of a revision before this one. */
    @Nullable
    PeerSet after(OverlayPeers told) {
        if (told.epoch() < epoch || (told.epoch() == epoch && told.base() == 0 && told.revision() <= revision)) {
            return null;
        }
        if (told.base() == 0) {
            return new PeerSet(told.epoch(), told.revision(), told.put());
        }
        if (told.epoch() != epoch || told.base() != revision) {
            return null;
        }
        Map<String, Peer> all = new LinkedHashMap<>();
        peers.forEach(peer -> all.put(peer.id(), peer));
        told.gone().forEach(all::remove);
        told.put().forEach(peer -> all.put(peer.id(), peer));
        return new PeerSet(epoch, told.revision(), new ArrayList<>(all.values()));
    }

    /** Its revision of an epoch; 0 for another. */
    long revisionOf(long asked) {
        return asked == epoch ? revision : 0;
    }
}
