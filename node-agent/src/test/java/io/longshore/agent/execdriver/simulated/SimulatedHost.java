package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.ContainerSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Needs nothing but a directory. */
record SimulatedHost(Path directory) implements DriverHost {
    @Override
    public ExecDriver open() {
        return new SimulatedExecDriver();
    }

    @Override
    public Launch launch(TestSpecs spec) {
        ContainerSpec built = spec.build();
        try {
            Path own = Files.createDirectories(directory.resolve(built.id().value()));
            return new Launch(built, new RootFs.Simulated("/nowhere"), Map.of(), new Sandbox.Private(), own.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void nothingIsLeft() {
        // It has taken nothing.
    }
}
