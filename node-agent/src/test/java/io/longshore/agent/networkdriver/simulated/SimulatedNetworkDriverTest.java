package io.longshore.agent.networkdriver.simulated;

import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.NetworkDriver.Place;
import io.longshore.agent.networkdriver.NetworkDriverContract;
import org.jspecify.annotations.Nullable;

class SimulatedNetworkDriverTest extends NetworkDriverContract {
    private final SimulatedNetworkDriver driver = new SimulatedNetworkDriver("bridge", Place.SANDBOX);

    @Override
    protected NetworkDriver driver() {
        return driver;
    }

    @Override
    protected @Nullable NetworkNamespace sandbox() {
        return null;
    }
}
