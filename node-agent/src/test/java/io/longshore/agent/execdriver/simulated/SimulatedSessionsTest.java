package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecSessionsContract;
import java.nio.file.Path;

/** The sessions' contract, without a kernel. */
class SimulatedSessionsTest extends ExecSessionsContract {
    @Override
    protected DriverHost host(Path files, Path sockets) {
        return new SimulatedHost(files);
    }
}
