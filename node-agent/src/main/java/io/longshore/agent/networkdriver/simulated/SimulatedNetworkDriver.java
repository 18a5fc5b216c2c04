package io.longshore.agent.networkdriver.simulated;

import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers who joined, and touches no kernel. An agent of simulated drivers gives one for each name that containers ask for. */
public final class SimulatedNetworkDriver implements NetworkDriver {
    private final String name;
    private final Set<ContainerId> joined = ConcurrentHashMap.newKeySet();

    /** @param name of the driver it stands for */
    public SimulatedNetworkDriver(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Sandbox join(ContainerSpec spec) {
        joined.add(spec.id());
        return name.equals("host") ? new Sandbox.Host() : new Sandbox.Private();
    }

    @Override
    public void leave(ContainerId id) {
        joined.remove(id);
    }

    @Override
    public Set<ContainerId> held() {
        return Set.copyOf(joined);
    }
}
