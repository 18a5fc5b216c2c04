package io.longshore.agent.networkdriver.host;

import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.util.Set;

/** Docker's {@code host} network: no sandbox of its own. */
public final class HostNetworkDriver implements NetworkDriver {
    @Override
    public String name() {
        return "host";
    }

    @Override
    public Sandbox join(ContainerSpec spec) {
        return new Sandbox.Host();
    }

    @Override
    public void leave(ContainerId id) {
        // There is nothing to leave.
    }

    @Override
    public Set<ContainerId> held() {
        return Set.of();
    }
}
