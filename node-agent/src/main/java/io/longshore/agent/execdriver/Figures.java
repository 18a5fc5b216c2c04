package io.longshore.agent.execdriver;

import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.id.ContainerId;
import java.util.List;

/**
 * What an exec driver can tell of containers that run; a capability, which not every driver has. Thread-safe, at any time and without
 * waiting for a container's operations. Both fail with {@code NotFound} for a container that was never created or is destroyed, and with
 * {@code Conflict} for one that does not run.
 */
public interface Figures {
    /** What it has used. Blocks for a millisecond or so in file calls. */
    Sample sample(ContainerId id);

    /**
     * Its processes, those of the container only, by ps(1).
     *
     * @param arguments for ps, one each, as a client gave them; {@code Invalid} for what is not passed on, {@code Internal} with the words of
     *     ps for what it does not take. Blocks at most some seconds.
     */
    ProcessTable processes(ContainerId id, List<String> arguments);
}
