package io.longshore.agent.execdriver.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.execdriver.libcontainer.BusyboxHost;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A driver whose containers runc makes, and where they are. */
final class OciHost implements DriverHost {
    private final BusyboxHost host;
    private final Map<String, RuntimeBinary> binaries = new TreeMap<>(RuntimeBinary.installed());

    OciHost(Path directory, Path run) {
        this.host = new BusyboxHost(directory, run);
        assertThat(binaries).as("runtimes of this machine").containsKey("runc");
    }

    /** Lets the driver have one more. */
    void add(String name, RuntimeBinary binary) {
        binaries.put(name, binary);
    }

    BusyboxHost host() {
        return host;
    }

    @Override
    public ExecDriver open() {
        return host.open(List.of(OciRuntimes.of(binaries)));
    }

    @Override
    public Launch launch(TestSpecs spec) {
        if (spec.runtime.equals("longshore")) {
            spec.runtime = "runc";
        }
        return host.launch(spec);
    }

    @Override
    public void nothingIsLeft() throws Exception {
        host.nothingIsLeft();
    }
}
