package io.longshore.agent;

import io.longshore.agent.api.VolumeRemoval;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;

/** Removes volumes by the volume driver, on threads of its own: a large tree takes minutes, and holds up no request but its own. */
final class VolumeRemovals implements VolumeRemoval, AutoCloseable {
    private final NativePool pool = new NativePool("volume-removal", 2, 2048);

    private final VolumeDriver driver;

    VolumeRemovals(VolumeDriver driver) {
        this.driver = driver;
    }

    @Override
    public void remove(VolumeName volume, Duration limit) {
        try {
            pool.call(
                    () -> {
                        driver.remove(volume);
                        return volume;
                    },
                    limit);
        } catch (IOException e) {
            throw new Failure.DeadlineExceeded("cannot remove volume " + volume + " in time: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
