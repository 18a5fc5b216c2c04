package io.longshore.container.forward;

import io.longshore.container.lease.Fencing;
import io.longshore.container.placement.Agents;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentForwardApi;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.ForwardRelease;
import io.longshore.contracts.agent.ForwardRequest;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;

/** Commands to entries, under the epoch in force, as those to a container's own agent are given. */
@Component
class Entrances {
    /** A start does not wait longer for an entry that does not answer. */
    private static final Duration CALL = Duration.ofSeconds(5);

    private final Agents agents;
    private final Fencing fencing;

    Entrances(Agents agents, Fencing fencing) {
        this.agents = agents;
        this.fencing = fencing;
    }

    /** See {@code AgentForwardApi.take}. */
    List<PublishedPort> take(Caller caller, NodeId entry, Forward forward) {
        Caller brief = caller.within(CALL);
        AgentForwardApi agent = agents.forwards(entry);
        return fencing.give(
                brief, entry, epoch -> agent.take(brief, forward.container(), new ForwardRequest(epoch, forward)));
    }

    /** See {@code AgentForwardApi.release}. */
    void release(NodeId entry, ContainerId container, long start) {
        Caller own = Agents.own(CALL);
        AgentForwardApi agent = agents.forwards(entry);
        fencing.give(own, entry, epoch -> {
            agent.release(own, container, new ForwardRelease(epoch, start));
            return true;
        });
    }
}
