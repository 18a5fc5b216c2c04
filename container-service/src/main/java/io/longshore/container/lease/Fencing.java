package io.longshore.container.lease;

import io.longshore.container.placement.Agents;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import java.util.function.LongFunction;
import org.springframework.stereotype.Component;

/**
 * Gives commands to agents under the epoch in force. An agent refuses a lower one than it has obeyed: when the database is behind that, as after
 * a restore, the epoch goes beyond it, and the command is given once more. Thread-safe.
 */
@Component
public class Fencing {
    private final Agents agents;
    private final ShardLeases leases;

    Fencing(Agents agents, ShardLeases leases) {
        this.agents = agents;
        this.leases = leases;
    }

    /**
     * Gives a command to a node's agent.
     *
     * @param caller for the question which epoch the agent has obeyed
     * @param command is given an epoch; called twice at most
     * @throws Failure.Conflict as the command throws it, when that is not for its epoch
     */
    public <T> T give(Caller caller, NodeId node, LongFunction<T> command) {
        long epoch = leases.epoch(node);
        try {
            return command.apply(epoch);
        } catch (Failure.Conflict refused) {
            long highest = agents.api(node).highestEpoch(caller);
            if (highest <= epoch) {
                throw refused;
            }
            return command.apply(leases.epochFrom(node, highest));
        }
    }
}
