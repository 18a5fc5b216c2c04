package io.longshore.agent.graphdriver.simulated;

import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.GraphDriverContract;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.nio.file.Path;

class SimulatedGraphDriverTest extends GraphDriverContract {
    @Override
    protected GraphDriver open(Path workDirectory) throws IOException {
        return SimulatedGraphDriver.open(new JnaSyscalls(), workDirectory, TarLimits.DEFAULT, WalkMemory.ofHeap());
    }
}
