package io.longshore.agent.api;

import io.longshore.agent.container.Containers;
import io.longshore.agent.forward.Forwards;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentForwardApi;
import io.longshore.contracts.agent.ForwardRelease;
import io.longshore.contracts.agent.ForwardRequest;
import io.longshore.contracts.agent.ForwardSet;
import io.longshore.contracts.agent.ForwardState;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import org.springframework.web.bind.annotation.RestController;

/** Takes ports for containers on other nodes. */
@RestController
final class ForwardController implements AgentForwardApi {
    private final Containers containers;
    private final Forwards forwards;

    ForwardController(Containers containers, Forwards forwards) {
        this.containers = containers;
        this.forwards = forwards;
    }

    @Override
    public List<PublishedPort> take(Caller caller, ContainerId container, ForwardRequest request) {
        containers.admit(request.epoch());
        return forwards.take(container, request.forward());
    }

    @Override
    public void release(Caller caller, ContainerId container, ForwardRelease request) {
        containers.admit(request.epoch());
        forwards.release(container, request.start());
    }

    @Override
    public ForwardState tell(Caller caller, ForwardSet all) {
        containers.admit(all.epoch());
        return forwards.tell(all);
    }
}
