package io.longshore.agent.volumedriver.simulated;

import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeDriverContract;

class SimulatedVolumeDriverTest extends VolumeDriverContract {
    @Override
    protected VolumeDriver driver() {
        return new SimulatedVolumeDriver(directory);
    }
}
