package io.longshore.contracts.agent;

import io.longshore.contracts.Caller;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** What container-service tells a node-agent of other nodes. */
public interface AgentOverlayApi {
    /**
     * Tells what there is on other nodes of the networks that this one is on. When it answers, names are served and packets are sent
     * accordingly; both go on over restarts of the agent.
     *
     * @return the revision that the agent has under this epoch: that of {@code peers} if it was taken, another if a change has a base that
     *     the agent does not have, which then needs the whole; 0 for none
     */
    @PostExchange("/agent/overlay/peers")
    long peers(Caller caller, @RequestBody OverlayPeers peers);
}
