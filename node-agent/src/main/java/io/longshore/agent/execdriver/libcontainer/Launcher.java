package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.execdriver.libcontainer.plan.Identity;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.execdriver.libcontainer.plan.StartPlan;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/** The two steps of a start: up to the gate, and past it. */
final class Launcher {
    /** Some milliseconds on an idle machine; mounting a root may wait for a disk. */
    private static final Duration STEP = Duration.ofSeconds(60);

    private static final SupervisorConfig.Window FIRST_WINDOW = new SupervisorConfig.Window(80, 24);

    private final Syscalls syscalls;
    private final NativePool pool;
    private final Spawner spawner;
    private final Cgroups cgroups;
    private final RunFiles files;
    private final HostFacts facts;
    private final SeccompFilters filters;

    Launcher(
            Syscalls syscalls,
            NativePool pool,
            Spawner spawner,
            Cgroups cgroups,
            RunFiles files,
            HostFacts facts,
            SeccompFilters filters) {
        this.syscalls = syscalls;
        this.pool = pool;
        this.spawner = spawner;
        this.cgroups = cgroups;
        this.files = files;
        this.facts = facts;
        this.filters = filters;
    }

    LaunchPlan plan(Launch launch, Path socket) {
        Set<String> sources = launch.spec().mounts().stream()
                .filter(mount -> mount.kind() == Mount.Kind.BIND)
                .map(Mount::source)
                .filter(source -> source.startsWith("/") && Files.exists(Path.of(source)))
                .filter(source -> !Files.isDirectory(Path.of(source)))
                .collect(Collectors.toSet());
        return LaunchPlan.of(launch, facts, config(launch, socket), sources);
    }

    private SupervisorConfig config(Launch launch, Path socket) {
        ContainerSpec spec = launch.spec();
        ContainerProcess process = spec.process();
        var stdin = SupervisorConfig.Stdin.NONE;
        if (process.openStdin()) {
            stdin = process.stdinOnce() ? SupervisorConfig.Stdin.ONCE : SupervisorConfig.Stdin.OPEN;
        }
        String record = Path.of(launch.directory(), "exit").toString();
        return SupervisorConfig.of(spec.id().value(), socket.toString(), record)
                .stdin(stdin)
                .terminal(process.tty() ? FIRST_WINDOW : null)
                .log(
                        spec.log().driver().equals("json-file")
                                ? new SupervisorConfig.Log(
                                        launch.logPath(),
                                        spec.log().maxBytes(),
                                        spec.log().maxFiles())
                                : null);
    }

    /** Up to the gate. What is left behind when it fails, {@link Ends#remove} takes away. */
    void create(Supervised container, LaunchPlan plan) {
        try {
            files.write(container.id(), container.note());
            Files.deleteIfExists(container.note().exitRecord());
            cgroups.create(plan.cgroup(), plan.limits());
            spawner.spawn(plan.create(), STEP);
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
            byte[] filter = spec.security().seccomp().equals("unconfined")
                            || spec.security().privileged()
                    ? new byte[0]
                    : pool.call(() -> filters.dockerDefault(StartPlan.capabilities(spec, facts)), STEP);
            StageProgram program = StartPlan.of(spec, facts, container.plan().create(), who, filter);
            SupervisorStatus status = client.start(program, STEP);
            files.started(container.id(), status.started());
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
