package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Another way than the driver's own calls to make a container's first process. The driver keeps all else: the cgroup is there with its limits
 * before {@link Preparation#write}, the supervisor takes the streams and the outcome of whatever process the programs leave it, and what is in
 * the cgroup at the end is killed. Thread-safe; one operation at a time per container.
 */
public interface ContainerRuntime {
    /** What a runtime may use of the driver that it works for. */
    record Workshop(Syscalls syscalls, NativePool pool, HostFacts facts, SeccompFilters filters, Path runDirectory) {}

    /** Opens a runtime for a driver. */
    @FunctionalInterface
    interface Factory {
        ContainerRuntime open(Workshop workshop);
    }

    /** As {@code ContainerSpec.runtime} has them. */
    Set<String> names();

    /** Plans a start; makes nothing. {@code Invalid} if the specification cannot be met. */
    Preparation prepare(Launch launch, LaunchFacts found, SupervisorConfig config);

    /** Removes all that was written for a container and all that the runtime keeps of it; its processes are gone. */
    void forget(ContainerId id);

    /** Of which something is left. */
    Set<ContainerId> held();

    /** One start. */
    interface Preparation {
        /** The program up to the gate, and the cgroup that it needs. */
        LaunchPlan plan();

        /** Writes what the program up to the gate needs. */
        default void write() {}

        /**
         * The program past the gate. Called once, on a thread that may block.
         *
         * @param pid the process at the gate
         */
        StageProgram start(int pid) throws IOException;

        /** Words a call of either program that failed. */
        Failure explain(StageFailure failure);
    }
}
