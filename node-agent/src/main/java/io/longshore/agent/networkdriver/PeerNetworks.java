package io.longshore.agent.networkdriver;

import java.util.List;
import java.util.Map;

/** What a {@link NetworkDriver} can beside, whose networks span nodes: it sends to endpoints elsewhere. Thread-safe. */
public interface PeerNetworks {
    /**
     * These are all endpoints on other nodes, by network id, from now on; also for a network that is made later. When this returns, the kernel
     * sends to them. What somebody else takes away there is put back within seconds, and what he adds is taken away.
     */
    void peers(Map<String, List<Peer>> byNetwork);
}
