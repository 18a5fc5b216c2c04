package io.longshore.agent;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An agent with real processes on overlay roots. */
class NativeAgentRootIT extends AgentContract {
    private final Path run = Path.of("/run/ls-agent-" + ProcessHandle.current().pid());
    private final String cgroups = "/ls-agent-" + ProcessHandle.current().pid();
    private List<Digest> layers = List.of();

    @Override
    protected Map<String, String> drivers() {
        return Map.of();
    }

    @Override
    protected Path runDirectory() {
        return run;
    }

    @Override
    protected String cgroupRoot() {
        return cgroups;
    }

    @Override
    protected List<Digest> image(AgentUnderTest agent) {
        if (layers.isEmpty()) {
            layers = agent.load(
                    new ByteArrayInputStream(TestImage.busybox("test:latest").archive()));
        }
        return layers;
    }

    @Override
    protected void assertNothingIsLeft() throws IOException {
        super.assertNothingIsLeft();
        new NodeLeftovers(directory, run, cgroups).assertNone();
    }

    @Override
    protected void afterwards() throws IOException {
        new NodeLeftovers(directory, run, cgroups).remove();
    }
}
