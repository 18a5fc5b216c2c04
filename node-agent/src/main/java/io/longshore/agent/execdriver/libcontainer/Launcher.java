package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.execdriver.libcontainer.plan.Identity;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;

/** The two steps of a start: up to the gate, and past it. */
final class Launcher {
    /** Some milliseconds on an idle machine; mounting a root may wait for a disk. */
    private static final Duration STEP = Duration.ofSeconds(60);

    private final Syscalls syscalls;
    private final NativePool pool;
    private final Spawner spawner;
    private final Cgroups cgroups;
    private final RunFiles files;
    private final Planner planner;

    Launcher(Syscalls syscalls, NativePool pool, Spawner spawner, Cgroups cgroups, RunFiles files, Planner planner) {
        this.syscalls = syscalls;
        this.pool = pool;
        this.spawner = spawner;
        this.cgroups = cgroups;
        this.files = files;
        this.planner = planner;
    }

    /** Up to the gate. What is left behind when it fails, {@link Ends#remove} takes away. */
    void create(Supervised container, LaunchPlan plan) {
        try {
            files.write(container.id(), container.note());
            cgroups.create(plan.cgroup(), plan.limits());
            int supervisor = spawner.spawn(plan.create(), STEP);
            ProcessIdentity.of(supervisor)
                    .ifPresent(who -> container.noted(files.spawned(container.id(), container.note(), who)));
            SupervisorClient client = SupervisorClient.connect(container.note().socket(), STEP);
            container.connected(client, plan);
            client.awaitCreated(STEP);
        } catch (IOException e) {
            throw explain(container, e);
        } catch (IllegalArgumentException e) {
            // What cannot be written into a program: a NUL in a name, more than a program can hold.
            throw new Failure.Invalid("failed to create task for container: " + e.getMessage(), e);
        }
    }

    /** Past the gate. */
    Running start(Supervised container) {
        ContainerSpec spec = container.launch().spec();
        SupervisorClient client = container.client();
        try {
            Identity who = pool.call(() -> identity(spec, client.status().pid()), STEP);
            StageProgram program =
                    pool.call(() -> planner.start(spec, container.plan().create(), who), STEP);
            SupervisorStatus status = client.start(program, STEP);
            var started = new Started(status.process(), status.started());
            container.noted(files.started(container.id(), container.note(), started));
            return new Running(status.pid(), status.started());
        } catch (IOException e) {
            throw explain(container, e);
        } catch (IllegalArgumentException e) {
            // What cannot be written into a program: a NUL in a name, more than a program can hold.
            throw new Failure.Invalid("failed to create task for container: " + e.getMessage(), e);
        }
    }

    /** The container's own view of /etc, mounts included: the process waits at the gate in it. */
    private Identity identity(ContainerSpec spec, int pid) throws IOException {
        try (ContainerRoot root = ContainerRoot.open(syscalls, "/proc/" + pid + "/root")) {
            return new UserLookup(syscalls, root)
                    .find(spec.process().user(), spec.process().additionalGroups());
        }
    }

    private static Failure explain(Supervised container, IOException e) {
        if (e instanceof StageFailure failure) {
            return StartFailures.explain(container.launch().spec(), failure);
        }
        return new Failure.Internal("failed to create task for container: " + e.getMessage(), e);
    }
}
