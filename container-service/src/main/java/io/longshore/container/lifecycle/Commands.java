package io.longshore.container.lifecycle;

import io.longshore.container.forward.Forwarding;
import io.longshore.container.lease.Fencing;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.NetworkRequest;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.agent.PauseRequest;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.agent.SessionRequest;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.agent.SignalRequest;
import io.longshore.contracts.agent.UpdateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What container-service commands a container's agent to do, under the epoch in force. An agent that has obeyed a higher one says so: the
 * lease has moved since, or the database was restored from before. The command is then given once more, under an epoch that it obeys.
 */
@Component
public class Commands {
    private final Agents agents;
    private final Fencing fencing;
    private final Forwarding forwarding;

    Commands(Agents agents, Fencing fencing, Forwarding forwarding) {
        this.forwarding = forwarding;
        this.agents = agents;
        this.fencing = fencing;
    }

    private interface Command<T> {
        T under(AgentApi agent, long epoch);
    }

    /** Makes the container what its row says; see {@code AgentApi.apply}. */
    public Observed apply(Caller caller, ContainerRow row, long starts) {
        return apply(caller, row, row.resolved(), starts);
    }

    Observed apply(Caller caller, ContainerRow row, ContainerSpec spec, long starts) {
        return give(
                caller,
                row.node(),
                (agent, epoch) -> agent.apply(caller, row.id(), new ApplyRequest(epoch, spec, starts)));
    }

    Observed signal(Caller caller, ContainerRow row, int signal, @Nullable Integer graceSeconds) {
        return give(
                caller,
                row.node(),
                (agent, epoch) -> agent.signal(caller, row.id(), new SignalRequest(epoch, signal, graceSeconds)));
    }

    void remove(Caller caller, ContainerRow row, boolean force) {
        remove(caller, row.node(), row.id(), force);
    }

    /** Removes it from a node, which need not be that of its row. */
    public void remove(Caller caller, NodeId node, ContainerId id, boolean force) {
        give(caller, node, (agent, epoch) -> {
            agent.remove(caller, id, new RemoveRequest(epoch, force));
            return true;
        });
    }

    Observed pause(Caller caller, ContainerRow row, boolean paused, @Nullable Integer seconds) {
        return give(
                caller,
                row.node(),
                (agent, epoch) -> agent.pause(caller, row.id(), new PauseRequest(epoch, paused, seconds)));
    }

    /** Limits and restart policy of the container become those of the specification. */
    void update(Caller caller, ContainerRow row, ContainerSpec spec) {
        give(
                caller,
                row.node(),
                (agent, epoch) ->
                        agent.update(caller, row.id(), new UpdateRequest(epoch, spec.resources(), spec.restart())));
    }

    /** The container's endpoints become those of the specification. */
    public void network(Caller caller, ContainerRow row, ContainerSpec spec) {
        ContainerSpec told = forwarding.told(caller, row, spec);
        give(
                caller,
                row.node(),
                (agent, epoch) -> agent.network(caller, row.id(), new NetworkRequest(epoch, told.network())));
    }

    /** Has the agent make an exec session; see {@code AgentApi.createSession}. */
    public ObservedSession createSession(Caller caller, ContainerRow row, SessionSpec spec) {
        return give(
                caller,
                row.node(),
                (agent, epoch) -> agent.createSession(caller, spec.id(), new SessionRequest(epoch, spec)));
    }

    /** What the agent of its node says of it; {@link Failure.NotFound} if that does not know it. */
    public Observed observe(Caller caller, ContainerRow row) {
        return agents.api(row.node()).observe(caller, row.id());
    }

    private <T> T give(Caller caller, NodeId node, Command<T> command) {
        AgentApi agent = agents.api(node);
        return fencing.give(caller, node, epoch -> command.under(agent, epoch));
    }
}
