package io.longshore.agent.api;

import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import java.time.Duration;
import java.util.List;

/** Measures containers' layers. */
@FunctionalInterface
public interface RootSizes {
    /** See {@code AgentApi.size}. */
    ContainerSize of(ContainerId id, List<Digest> diffIds, Duration limit);
}
