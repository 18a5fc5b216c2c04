package io.longshore.agent.networkdriver.none;

import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.util.Set;

/** Docker's {@code none} network, whose driver is called {@code null}: the exec driver makes the namespace with the container. */
public final class NoneNetworkDriver implements NetworkDriver {
    @Override
    public String name() {
        return "null";
    }

    @Override
    public Sandbox join(ContainerSpec spec) {
        return new Sandbox.Private();
    }

    @Override
    public void leave(ContainerId id) {
        // The namespace went with its last process.
    }

    @Override
    public Set<ContainerId> held() {
        return Set.of();
    }
}
