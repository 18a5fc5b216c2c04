package io.longshore.agent.execdriver;

import io.longshore.contracts.id.ContainerId;

/** Is told the end of a container: once, on a thread of the driver that may block but holds up nothing but this container. */
@FunctionalInterface
public interface ExitListener {
    /** All output is in the log, and no process of the container is left, when this is called. */
    void exited(ContainerId id, Exit exit);
}
