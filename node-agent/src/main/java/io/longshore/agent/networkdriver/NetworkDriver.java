package io.longshore.agent.networkdriver;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.util.Set;

/**
 * Connects containers, after libnetwork's model: a sandbox holds one endpoint per network. Both verbs are idempotent and may
 * be repeated after a crash. Thread-safe; one operation at a time per container is the caller's job.
 */
public interface NetworkDriver {
    /** As {@code ContainerSpec.Network.driver} names it: {@code null}, {@code host}, {@code bridge}. */
    String name();

    /**
     * Makes the container's sandbox and endpoint, and says where the exec driver finds it. {@code Invalid} if the
     * specification asks for what the driver does not have.
     */
    Sandbox join(ContainerSpec spec);

    /** Removes both. No error when there is nothing. */
    void leave(ContainerId id);

    /** The containers that have a sandbox of this driver now; empty for drivers that keep nothing. */
    Set<ContainerId> held();
}
