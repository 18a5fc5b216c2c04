package io.longshore.agent.container;

import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The drivers of this node.
 *
 * @param exec by the names that {@code ContainerSpec.runtime} may say; one driver may have several
 * @param networks by the names that {@code ContainerSpec.Network.driver} may say
 * @param volumes where volumes lie
 * @param roots where root file systems come from
 */
public record Drivers(
        Map<String, ExecDriver> exec,
        Map<String, NetworkDriver> networks,
        VolumeDriver volumes,
        RootFileSystems roots) {
    public Drivers {
        exec = Map.copyOf(exec);
        networks = Map.copyOf(networks);
    }

    /** Each exec driver, once. */
    Set<ExecDriver> execs() {
        return Set.copyOf(exec.values());
    }

    /** The one that runs this container; {@code INVALID}. */
    ExecDriver exec(ContainerSpec spec) {
        return find(exec, spec.runtime(), "unknown or invalid runtime name: ");
    }

    /** The one that connects this container; {@code INVALID}. */
    NetworkDriver network(ContainerSpec spec) {
        String driver = spec.network().endpoints().getFirst().network().driver();
        return find(networks, driver, "unknown network driver: ");
    }

    private static <D> D find(Map<String, D> drivers, String wanted, String refusal) {
        D driver = drivers.get(wanted);
        if (driver == null) {
            throw new Failure.Invalid(
                    refusal + wanted + "; this node has " + String.join(", ", new TreeSet<>(drivers.keySet())));
        }
        return driver;
    }
}
