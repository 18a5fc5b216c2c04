package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.account.UserLookup;
import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.CgroupLimits;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.ExecControls;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExecSessions;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Figures;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.figures.ProcessFigures;
import io.longshore.agent.execdriver.libcontainer.figures.Target;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.execdriver.libcontainer.plan.NurseryPlan;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.seccomp.KernelVersion;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Our own runtime: a launch is compiled to a stage program, a stage process executes it and becomes the container's
 * supervisor. What a container looks like from inside is Docker's default sandbox. Containers whose specification names another
 * {@link ContainerRuntime} are made by that one, and are supervised, joined, measured and found again all the same.
 */
public final class LibcontainerExecDriver implements ExecDriver {
    private final NativePool pool;
    private final Looks looks = new Looks();
    private final Spawner spawner;
    private final Cgroups cgroups;
    private final Planner planner;
    private final Launcher launcher;
    private final SupervisedProcesses containers;
    private final LibcontainerSessions sessions;
    private final ExecControls controls = new Controls();
    private final ProcessFigures figures;
    private final Syscalls syscalls;
    private final InitBinary init;
    private final List<ContainerRuntime> others;
    private final Map<ContainerId, ContainerRuntime.Preparation> prepared = new ConcurrentHashMap<>();

    private LibcontainerExecDriver(
            Syscalls syscalls, NativePool pool, Spawner spawner, Cgroups cgroups, Path runDirectory, Planned planned) {
        this.syscalls = syscalls;
        this.pool = pool;
        this.spawner = spawner;
        this.cgroups = cgroups;
        this.planner = planned.planner();
        this.init = planned.init();
        this.others = planned.others();
        var files = new RunFiles(runDirectory, ".run");
        this.launcher = new Launcher(looks, spawner, files);
        this.containers = new SupervisedProcesses(files, new Remains.OfContainer(cgroups), launcher);
        this.sessions = new LibcontainerSessions(syscalls, looks, spawner, runDirectory, planner, cgroups, containers);
        this.figures = new ProcessFigures(cgroups, this::running);
    }

    private record Planned(Planner planner, InitBinary init, List<ContainerRuntime> others) {}

    /**
     * Opens the driver.
     *
     * @param runDirectory on a file system that does not outlive the machine, path of at most 30 bytes (a socket's path has room
     *     for 107 with an id and its ending); made with mode 0700 if it is missing. One agent at a time.
     * @param cgroupRoot under which containers and supervisors get their cgroups; another one for each agent of a machine
     * @param appArmor what the node's can do
     * @param stall how long an attached client may take nothing of the output before it is cut off; whole seconds
     * @param others runtimes beside its own
     * @throws Failure.Internal naming what the machine lacks
     */
    public static LibcontainerExecDriver open(
            Syscalls syscalls,
            SeccompLibrary seccomp,
            Path runDirectory,
            CgroupPath cgroupRoot,
            AppArmor appArmor,
            Duration stall,
            List<ContainerRuntime.Factory> others) {
        NativePool pool = new NativePool("exec-native", 8, 1024);
        try {
            Files.createDirectories(
                    runDirectory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Cgroups cgroups = Cgroups.detect(syscalls, cgroupRoot);
            cgroups.ensure(cgroupRoot.supervisors());
            HostFacts facts = NodeFacts.read(syscalls, cgroups, appArmor);
            InitBinary init = InitBinary.open(syscalls);
            var filters = new SeccompFilters(seccomp, KernelVersion.running());
            var planner = new Planner(syscalls, facts, filters, init, stall);
            var workshop = new ContainerRuntime.Workshop(syscalls, pool, facts, filters, runDirectory);
            List<ContainerRuntime> opened =
                    others.stream().map(each -> each.open(workshop)).toList();
            Spawner spawner = Spawner.open(syscalls, pool, NurseryPlan.of(facts)); // last: it has a process
            return new LibcontainerExecDriver(
                    syscalls, pool, spawner, cgroups, runDirectory, new Planned(planner, init, opened));
        } catch (IOException e) {
            pool.close();
            throw new Failure.Internal("cannot open the exec driver: " + e.getMessage(), e);
        } catch (Failure e) {
            pool.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "longshore";
    }

    @Override
    public Set<String> runtimes() {
        return others.stream().flatMap(other -> other.names().stream()).collect(Collectors.toSet());
    }

    @Override
    public void create(Launch launch, ExitListener<ContainerId> listener) {
        Note note = containers.files().begin(launch.id().value(), Path.of(launch.directory()), cgroup(launch));
        try (var joined = JoinedNamespaces.open(syscalls, launch, id -> containers.find(id.value()))) {
            ContainerRuntime.Preparation preparation;
            try (StartStage _ = StartStage.begin("plan")) {
                preparation = prepare(launch, planner.found(launch, joined.paths()), planner.config(launch, note));
            }
            LaunchPlan plan = preparation.plan();
            Supervised container = supervised(launch, listener, note, preparation::explain);
            containers.add(container);
            try {
                try (StartStage _ = StartStage.begin("note that it is begun")) {
                    containers.files().write(container.id(), container.note());
                }
                prepared.put(launch.id(), preparation);
                try (StartStage _ = StartStage.begin("cgroups")) {
                    cgroups.create(plan.cgroup(), plan.limits());
                }
                preparation.write();
                launcher.create(container, plan.create());
            } catch (RuntimeException e) {
                destroy(launch.id());
                throw e;
            }
        }
    }

    private ContainerRuntime.Preparation prepare(Launch launch, LaunchFacts found, SupervisorConfig config) {
        String wanted = launch.spec().runtime();
        for (ContainerRuntime other : others) {
            if (other.names().contains(wanted)) {
                return other.prepare(launch, found, config);
            }
        }
        if (!wanted.equals(name())) {
            throw new Failure.Invalid("unknown or invalid runtime name: " + wanted);
        }
        return new OwnPreparation(launch, planner.launch(launch, found, config));
    }

    /** By our own calls. */
    private final class OwnPreparation implements ContainerRuntime.Preparation {
        private final Launch launch;
        private final LaunchPlan plan;

        private OwnPreparation(Launch launch, LaunchPlan plan) {
            this.launch = launch;
            this.plan = plan;
        }

        @Override
        public LaunchPlan plan() {
            return plan;
        }

        @Override
        public StageProgram start(int pid) throws ErrnoException {
            ContainerSpec spec = launch.spec();
            return planner.start(spec, plan.create(), UserLookup.find(syscalls, pid, spec.process()));
        }

        @Override
        public Failure explain(StageFailure failure) {
            String command = launch.spec().process().arguments().getFirst();
            return new StartFailures(StartWords.CONTAINER, command).explain(failure);
        }
    }

    private CgroupPath cgroup(Launch launch) {
        return cgroups.root().container(launch.id(), launch.spec().resources().cgroupParent());
    }

    private static Supervised supervised(
            Launch launch, ExitListener<ContainerId> listener, Note note, Function<StageFailure, Failure> failures) {
        ContainerId id = launch.id();
        var subject = new Supervised.Subject(
                id.value(),
                "container " + id,
                StartWords.CONTAINER,
                launch.spec().process(),
                failures);
        return new Supervised(subject, note, exit -> listener.exited(id, exit), launch.spec());
    }

    @Override
    public Running start(ContainerId id) {
        Supervised container = container(id);
        ContainerRuntime.Preparation preparation = prepared.remove(id);
        if (preparation == null) {
            throw new Failure.Conflict(container.name() + " is started already");
        }
        try {
            return containers.start(
                    container,
                    () -> preparation.start(container.client().status().pid()));
        } catch (RuntimeException e) {
            destroy(id);
            throw e;
        }
    }

    @Override
    public void signal(ContainerId id, int signal) {
        containers.signal(container(id), signal);
    }

    @Override
    public void resize(ContainerId id, int rows, int columns) {
        containers.resize(container(id), rows, columns);
    }

    @Override
    public Duplex attach(ContainerId id, AttachRequest request) {
        return containers.attach(container(id), request);
    }

    @Override
    public Optional<ContainerRoot> root(ContainerId id) {
        Supervised container = containers.find(id.value());
        if (container == null || container.hasEnded()) {
            return Optional.empty();
        }
        SupervisorStatus status = container.client().status();
        if (status.state() != SupervisorStatus.State.STARTED) {
            return Optional.empty();
        }
        try {
            return ProcessRoot.open(syscalls, status.process());
        } catch (ErrnoException e) {
            throw container.subject().failure("look into", e);
        }
    }

    @Override
    public Recovery recover(Launch launch, ExitListener<ContainerId> listener) {
        Note note = containers.files().latest(launch.id().value(), Path.of(launch.directory()), cgroup(launch));
        String command = launch.spec().process().arguments().getFirst();
        Recovery found = containers.recover(
                supervised(launch, listener, note, new StartFailures(StartWords.CONTAINER, command)::explain));
        if (found instanceof Recovery.Absent) {
            destroy(launch.id());
        }
        return found;
    }

    @Override
    public void destroy(ContainerId id) {
        prepared.remove(id);
        if (!containers.destroy(id.value()) && cgroups.containers().contains(id)) {
            CgroupPath cgroup = cgroups.root().container(id, null);
            cgroups.kill(cgroup);
            cgroups.remove(cgroup);
        }
        others.forEach(other -> other.forget(id));
    }

    @Override
    public Optional<Figures> figures() {
        return Optional.of(figures);
    }

    private Target running(ContainerId id) {
        Supervised container = container(id);
        SupervisorStatus status = container.client().status();
        if (status.state() != SupervisorStatus.State.STARTED || container.hasEnded()) {
            throw container.subject().notRunning();
        }
        boolean ownNetwork = !container.container().network().isHost();
        return new Target(container.note().cgroup(), status.process(), ownNetwork);
    }

    @Override
    public Set<ContainerId> held() {
        Set<ContainerId> held = new HashSet<>(cgroups.containers());
        containers.held().forEach(id -> held.add(ContainerId.parse(id)));
        others.forEach(other -> held.addAll(other.held()));
        return held;
    }

    @Override
    public ExecControls controls() {
        return controls;
    }

    /** By the container's cgroup. */
    private final class Controls implements ExecControls {
        @Override
        public void freeze(ContainerId id) {
            cgroups.freeze(running(id).note().cgroup());
        }

        @Override
        public void thaw(ContainerId id) {
            cgroups.thaw(container(id).note().cgroup());
        }

        @Override
        public boolean isFrozen(ContainerId id) {
            return cgroups.isFrozen(container(id).note().cgroup());
        }

        @Override
        public void limit(ContainerId id, Resources before, Resources now) {
            CgroupPath cgroup = running(id).note().cgroup();
            if (before.blockIo().equals(now.blockIo())) {
                // Without asking for devices, which may be gone by now.
                cgroups.update(cgroup, new CgroupLimits(before, List.of()), new CgroupLimits(now, List.of()));
            } else {
                cgroups.update(cgroup, planner.limits(before), planner.limits(now));
            }
        }

        private Supervised running(ContainerId id) {
            Supervised container = container(id);
            if (container.hasEnded()) {
                throw container.subject().notRunning();
            }
            return container;
        }
    }

    @Override
    public ExecSessions sessions() {
        return sessions;
    }

    @Override
    public void close() {
        sessions.close();
        containers.close();
        spawner.close();
        init.close();
        figures.close();
        looks.close();
        pool.close();
    }

    private Supervised container(ContainerId id) {
        Supervised container = containers.find(id.value());
        if (container == null) {
            throw new Failure.NotFound("No such container: " + id);
        }
        return container;
    }
}
