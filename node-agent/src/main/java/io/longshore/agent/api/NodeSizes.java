package io.longshore.agent.api;

import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import java.time.Duration;
import java.util.List;

/** Measures containers' layers and volumes, and looks for paths: what a slow disk takes long for. */
public interface NodeSizes {
    /** See {@code AgentApi.size}. */
    ContainerSize of(ContainerId id, List<Digest> diffIds, Duration limit);

    /** See {@code AgentApi.volumeSize}. */
    long of(String volumeDriver, VolumeName volume, Duration limit);

    /** See {@code AgentApi.missingPaths}. */
    List<String> missing(List<String> paths, Duration limit);
}
