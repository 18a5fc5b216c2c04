package io.longshore.agent.api;

import io.longshore.agent.volumedriver.VolumeName;
import java.time.Duration;

/** Removes volumes with their data. */
@FunctionalInterface
public interface VolumeRemoval {
    /** See {@code VolumeDriver.remove}; {@code DEADLINE_EXCEEDED} when its files are not all deleted in this time. */
    void remove(String driver, VolumeName volume, Duration limit);
}
