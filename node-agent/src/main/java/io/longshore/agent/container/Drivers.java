package io.longshore.agent.container;

import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The drivers of this node.
 *
 * @param exec those that {@code ContainerSpec.runtime} may name; the first is the default
 * @param networks those that {@code ContainerSpec.Network.driver} may name
 * @param volumes where volumes lie
 * @param roots where root file systems come from
 */
public record Drivers(
        List<ExecDriver> exec, List<NetworkDriver> networks, VolumeDriver volumes, RootFileSystems roots) {
    public Drivers {
        exec = List.copyOf(exec);
        networks = List.copyOf(networks);
    }

    /** The one that runs this container; {@code INVALID}. */
    ExecDriver exec(ContainerSpec spec) {
        return find(exec, ExecDriver::name, spec.runtime(), "unknown or invalid runtime name: ");
    }

    /** The one that connects this container; {@code INVALID}. */
    NetworkDriver network(ContainerSpec spec) {
        return find(networks, NetworkDriver::name, spec.network().driver(), "unknown network driver: ");
    }

    private static <D> D find(List<D> drivers, Function<D, String> name, String wanted, String refusal) {
        return drivers.stream()
                .filter(driver -> name.apply(driver).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new Failure.Invalid(refusal + wanted + "; this node has "
                        + drivers.stream().map(name).collect(Collectors.joining(", "))));
    }
}
