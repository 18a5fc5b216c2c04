package io.longshore.container.figures;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.error.Failure;
import org.springframework.stereotype.Component;

/** Has a container's processes listed by its agent. */
@Component
class Top {
    private final ContainerStore store;
    private final Agents agents;

    Top(ContainerStore store, Agents agents) {
        this.store = store;
        this.agents = agents;
    }

    /** The processes; {@link Failure.Conflict} when it does not run. */
    ProcessTable of(Caller caller, String reference, String psArguments) {
        ContainerRow row = store.find(caller.project(), reference);
        if (row.state() == ContainerState.RESTARTING) {
            throw new Failure.Conflict("container " + row.id() + " is restarting, wait until the container is running");
        }
        ProcessTable table;
        try {
            table = agents.api(row.node()).top(caller, row.id(), psArguments);
        } catch (Failure.NotFound e) {
            // Never started, so the agent has not heard of it; or gone this moment.
            throw new Failure.Conflict("container " + row.id() + " is not running", e);
        }
        store.tell(row, EventDraft.of(row, "top"));
        return table;
    }
}
