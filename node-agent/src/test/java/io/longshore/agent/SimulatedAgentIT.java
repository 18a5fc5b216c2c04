package io.longshore.agent;

import io.longshore.contracts.id.Digest;
import java.util.List;
import java.util.Map;

/** An agent that needs no root and takes nothing from the kernel. */
class SimulatedAgentIT extends AgentContract {
    @Override
    protected Map<String, String> drivers() {
        return Map.of("exec", "simulated", "graph", "simulated", "volume", "simulated", "network", "simulated");
    }

    @Override
    protected List<Digest> image(AgentUnderTest agent) {
        return List.of();
    }
}
