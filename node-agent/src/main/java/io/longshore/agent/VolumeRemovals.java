package io.longshore.agent;

import io.longshore.agent.api.VolumeRemoval;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;

/** Removes volumes by their drivers, the node's own on threads of its own: a large tree takes minutes, and holds up no request but its own. */
final class VolumeRemovals implements VolumeRemoval, AutoCloseable {
    private final NativePool pool = new NativePool("volume-removal", 2, 2048);

    private final VolumeDrivers drivers;

    VolumeRemovals(VolumeDrivers drivers) {
        this.drivers = drivers;
    }

    @Override
    public void remove(String name, VolumeName volume, Duration limit) {
        VolumeDriver driver = drivers.named(name);
        if (!driver.name().equals(drivers.own().name())) {
            // It deletes nothing itself, and one that hangs takes no thread from those that do.
            driver.remove(volume);
            return;
        }
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
