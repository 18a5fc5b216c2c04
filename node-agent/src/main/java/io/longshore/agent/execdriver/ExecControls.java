package io.longshore.agent.execdriver;

import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.id.ContainerId;

/** What can be changed of a container while its process runs. The verbs fail as those of {@link ExecDriver}. */
public interface ExecControls {
    /** Stops all its processes where they are. {@code Conflict} if it does not run. */
    void freeze(ContainerId id);

    /** Lets them go on; no error when they are not stopped. */
    void thaw(ContainerId id);

    /** Whether they are stopped, by whatever agent. */
    boolean isFrozen(ContainerId id);

    /** Changes its limits; {@code Invalid} names the one that is refused. {@code Conflict} if it does not run. */
    void limit(ContainerId id, Resources before, Resources now);
}
