package io.longshore.testworld.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentOverlayApi;
import io.longshore.contracts.agent.OverlayPeers;
import io.longshore.contracts.agent.OverlayPeers.Peer;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.web.bind.annotation.RestController;

/** What an agent was told of other nodes, in memory. */
@RestController
public class TestPeers implements AgentOverlayApi {
    private final Map<String, Peer> peers = new TreeMap<>();
    private long epoch;
    private long revision;
    private int wholes;

    /** By endpoint id. */
    public synchronized Map<String, Peer> now() {
        return Map.copyOf(peers);
    }

    /** How often it was told all there is. */
    public synchronized int wholes() {
        return wholes;
    }

    /** As an agent whose disk was lost. */
    public synchronized void forget() {
        peers.clear();
        epoch = 0;
        revision = 0;
    }

    @Override
    public synchronized long peers(Caller caller, OverlayPeers told) {
        boolean whole = told.base() == 0;
        if (whole || (told.epoch() == epoch && told.base() == revision)) {
            if (whole) {
                peers.clear();
                wholes++;
            }
            told.gone().forEach(peers::remove);
            told.put().forEach(peer -> peers.put(peer.id(), peer));
            epoch = told.epoch();
            revision = told.revision();
        }
        return told.epoch() == epoch ? revision : 0;
    }
}
