package io.longshore.contracts.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.annotation.PutExchange;

/** What container-service has a node-agent do for ports that are published on other nodes and answer at its node, too. */
public interface AgentForwardApi {
    /**
     * Takes ports of this node for a container that is about to be started on another one. They are kept over restarts of the agent, and given
     * up when they are released, or when {@link #tell} has named the container once and does so no more, or has not done so for two minutes.
     *
     * @return which they are, as {@link Observed#ports} has them
     * @throws io.longshore.contracts.error.Failure.Conflict in Docker's words when one is taken; none is taken then
     */
    @PutExchange("/agent/forwards/{container}")
    List<PublishedPort> take(Caller caller, @PathVariable ContainerId container, @RequestBody ForwardRequest request);

    /** Gives them up. No error when there are none. */
    @PostExchange("/agent/forwards/{container}/release")
    void release(Caller caller, @PathVariable ContainerId container, @RequestBody ForwardRelease request);

    /** Says all that there are: what is missing is taken if it is free, and what is too much is given up, but what is taken for a start. */
    @PostExchange("/agent/forwards")
    ForwardState tell(Caller caller, @RequestBody ForwardSet all);
}
