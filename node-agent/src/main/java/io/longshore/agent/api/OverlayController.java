package io.longshore.agent.api;

import io.longshore.agent.container.Containers;
import io.longshore.agent.overlay.OtherNodes;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentOverlayApi;
import io.longshore.contracts.agent.OverlayPeers;
import org.springframework.web.bind.annotation.RestController;

/** Takes in what there is on other nodes. */
@RestController
final class OverlayController implements AgentOverlayApi {
    private final Containers containers;
    private final OtherNodes others;

    OverlayController(Containers containers, OtherNodes others) {
        this.containers = containers;
        this.others = others;
    }

    @Override
    public long peers(Caller caller, OverlayPeers peers) {
        containers.admit(peers.epoch());
        return others.told(peers);
    }
}
