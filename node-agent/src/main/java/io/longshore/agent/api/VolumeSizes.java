package io.longshore.agent.api;

import io.longshore.agent.volumedriver.VolumeName;
import java.time.Duration;

/** Measures volumes. */
@FunctionalInterface
public interface VolumeSizes {
    /** See {@code AgentApi.volumeSize}. */
    long of(VolumeName volume, Duration limit);
}
