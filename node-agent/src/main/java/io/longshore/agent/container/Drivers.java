package io.longshore.agent.container;

import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The drivers of this node.
 *
 * @param exec by the names that {@code ContainerSpec.runtime} may say; one driver may have several
 * @param networks where containers are connected
 * @param volumes where volumes lie, by driver
 * @param roots where root file systems come from
 */
public record Drivers(Map<String, ExecDriver> exec, Sandboxes networks, VolumeDrivers volumes, RootFileSystems roots) {
    public Drivers {
        exec = Map.copyOf(exec);
    }

    /** Each exec driver, once. */
    Set<ExecDriver> execs() {
        return Set.copyOf(exec.values());
    }

    /** The one that runs this container; {@code INVALID}. */
    ExecDriver exec(ContainerSpec spec) {
        ExecDriver driver = exec.get(spec.runtime());
        if (driver == null) {
            throw new Failure.Invalid("unknown or invalid runtime name: " + spec.runtime() + "; this node has "
                    + String.join(", ", new TreeSet<>(exec.keySet())));
        }
        return driver;
    }
}
