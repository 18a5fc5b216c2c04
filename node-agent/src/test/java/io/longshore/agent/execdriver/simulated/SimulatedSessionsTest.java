package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExecSessionsContract;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.networkdriver.Sandbox;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The sessions' contract, without a kernel. */
class SimulatedSessionsTest extends ExecSessionsContract {
    @TempDir
    Path directory;

    @Override
    protected ExecDriver open() {
        return new SimulatedExecDriver();
    }

    @Override
    protected Launch launch(TestSpecs spec) {
        return new Launch(
                spec.build(), new RootFs.Directory("/nowhere"), Map.of(), new Sandbox.Private(), directory.toString());
    }
}
