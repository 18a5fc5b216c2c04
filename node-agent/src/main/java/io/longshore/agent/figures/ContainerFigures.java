package io.longshore.agent.figures;

import io.longshore.agent.container.Containers;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.Figures;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.Tick;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Asks the exec driver of a container for its figures. Thread-safe. */
public final class ContainerFigures {
    private static final List<String> DEFAULT = List.of("-ef");

    private final Containers containers;
    private final Map<String, ExecDriver> drivers;

    /** @param drivers by the names that {@code ContainerSpec.runtime} may say */
    public ContainerFigures(Containers containers, Map<String, ExecDriver> drivers) {
        this.containers = containers;
        this.drivers = Map.copyOf(drivers);
    }

    /** As of now; {@code NotFound}. */
    public Tick now(ContainerId id) {
        Figures figures = of(id);
        try {
            return new Tick(figures.sample(id));
        } catch (Failure.Conflict | Failure.NotFound e) {
            return new Tick(null);
        }
    }

    /** See {@code AgentApi.top}. */
    public ProcessTable top(ContainerId id, String psArguments) {
        List<String> arguments = Arrays.stream(psArguments.split(" "))
                .filter(argument -> !argument.isEmpty())
                .toList();
        try {
            return of(id).processes(id, arguments.isEmpty() ? DEFAULT : arguments);
        } catch (Failure.NotFound e) {
            containers.spec(id);
            throw new Failure.Conflict("container " + id + " is not running", e);
        }
    }

    private Figures of(ContainerId id) {
        ContainerSpec spec = containers.spec(id);
        ExecDriver driver = drivers.get(spec.runtime());
        if (driver == null) {
            throw new Failure.Internal("this node has no exec driver " + spec.runtime());
        }
        return driver.figures()
                .orElseThrow(() ->
                        new Failure.NotImplemented("exec driver " + driver.name() + " tells no figures of containers"));
    }
}
