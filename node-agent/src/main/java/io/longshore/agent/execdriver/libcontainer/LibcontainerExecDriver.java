package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.seccomp.KernelVersion;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.supervisor.Attachment;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our own runtime: a launch is compiled to a stage program, a stage process executes it and becomes the container's
 * supervisor. What a container looks like from inside is Docker's default sandbox.
 */
public final class LibcontainerExecDriver implements ExecDriver {
    private static final Logger LOG = LoggerFactory.getLogger(LibcontainerExecDriver.class);
    private static final int SIGKILL = 9;

    /** For what a supervisor answers at once. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** For the last words of a supervisor that is gone to be read, and for one to pass SIGKILL on. */
    private static final Duration GOES = Duration.ofSeconds(1);

    private final Syscalls syscalls;
    private final NativePool pool;
    private final Spawner spawner;
    private final Cgroups cgroups;
    private final RunFiles files;
    private final Planner planner;
    private final Launcher launcher;
    private final Ends ends;
    private final Map<ContainerId, Supervised> containers = new ConcurrentHashMap<>();

    private LibcontainerExecDriver(
            Syscalls syscalls,
            NativePool pool,
            Spawner spawner,
            Cgroups cgroups,
            RunFiles files,
            Planner planner,
            Launcher launcher) {
        this.syscalls = syscalls;
        this.pool = pool;
        this.spawner = spawner;
        this.cgroups = cgroups;
        this.files = files;
        this.planner = planner;
        this.launcher = launcher;
        this.ends = new Ends(cgroups, files);
    }

    /**
     * Opens the driver.
     *
     * @param runDirectory on a file system that does not outlive the machine, path of at most 30 bytes (a socket's path has room
     *     for 107 with an id and its ending); made with mode 0700 if it is missing. One agent at a time.
     * @param cgroupRoot under which containers and supervisors get their cgroups; another one for each agent of a machine
     * @param stall how long an attached client may take nothing of the output before it is cut off; whole seconds
     * @throws Failure.Internal naming what the machine lacks
     */
    public static LibcontainerExecDriver open(
            Syscalls syscalls, SeccompLibrary seccomp, Path runDirectory, CgroupPath cgroupRoot, Duration stall) {
        NativePool pool = new NativePool("exec-native", 8, 1024);
        try {
            Files.createDirectories(
                    runDirectory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Cgroups cgroups = Cgroups.detect(syscalls, cgroupRoot);
            cgroups.ensure(cgroupRoot.supervisors());
            HostFacts facts = NodeFacts.read(syscalls, cgroups);
            Spawner spawner = Spawner.open(syscalls, pool);
            var files = new RunFiles(runDirectory);
            var planner = new Planner(facts, new SeccompFilters(seccomp, KernelVersion.running()), stall);
            var launcher = new Launcher(syscalls, pool, spawner, cgroups, files, planner);
            return new LibcontainerExecDriver(syscalls, pool, spawner, cgroups, files, planner, launcher);
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
    public void create(Launch launch, ExitListener listener) {
        CgroupPath cgroup =
                cgroups.root().container(launch.id(), launch.spec().resources().cgroupParent());
        var container = new Supervised(launch, listener, files.begin(launch, cgroup));
        LaunchPlan plan = planner.launch(launch, container.note());
        if (containers.putIfAbsent(launch.id(), container) != null) {
            throw new Failure.Conflict("container " + launch.id() + " is created already");
        }
        try {
            launcher.create(container, plan);
        } catch (RuntimeException e) {
            destroy(launch.id());
            throw e;
        }
    }

    @Override
    public Running start(ContainerId id) {
        Supervised container = container(id);
        SupervisorStatus.State state = container.client().status().state();
        if (container.hasEnded() || state.compareTo(SupervisorStatus.State.CREATED) > 0) {
            throw new Failure.Conflict("container " + id + " is started already");
        }
        try {
            Running running = launcher.start(container);
            ends.watch(container, running);
            return running;
        } catch (RuntimeException e) {
            destroy(id);
            throw e;
        }
    }

    @Override
    public void signal(ContainerId id, int signal) {
        Supervised container = container(id);
        if (container.client().status().state() != SupervisorStatus.State.STARTED || container.hasEnded()) {
            throw notRunning(id);
        }
        try {
            container.client().signal(signal, signal == SIGKILL ? GOES : ANSWER);
        } catch (ErrnoException e) {
            throw e.is(Errno.ESRCH) ? notRunning(id) : failure("signal", id, e);
        } catch (IOException e) {
            if (container.endsWithin(GOES)) {
                throw notRunning(id);
            }
            if (signal != SIGKILL) {
                throw failure("signal", id, e);
            }
            // Whatever holds the supervisor up, as a stalled disk, must not keep anybody from ending the container.
            LOG.warn("the supervisor of container {} does not answer; killing the cgroup", id, e);
            cgroups.kill(container.cgroup());
        }
    }

    @Override
    public void resize(ContainerId id, int rows, int columns) {
        Supervised container = container(id);
        if (!container.launch().spec().process().tty()) {
            throw new Failure.Conflict("container " + id + " has no terminal");
        }
        try {
            container.client().resize(columns, rows, ANSWER);
        } catch (IOException e) {
            throw container.endsWithin(GOES) ? notRunning(id) : failure("resize", id, e);
        }
    }

    @Override
    public Duplex attach(ContainerId id, AttachRequest request) {
        Supervised container = container(id);
        try {
            Attachment attached = SupervisorClient.attach(
                    container.note().socket(), request.stdin(), request.stdout(), request.stderr(), ANSWER);
            if (request.stdin() && container.launch().spec().process().stdinOnce()) {
                attached.onClose(() -> Thread.ofVirtual().start(() -> endInput(container)));
            }
            return attached;
        } catch (IOException e) {
            throw container.endsWithin(GOES) ? notRunning(id) : failure("attach to", id, e);
        }
    }

    /** Docker's StdinOnce: the first client with input that goes takes the input with it. An agent that stops does not. */
    private static void endInput(Supervised container) {
        if (!container.hasEnded()) {
            try {
                container.client().closeStdin(ANSWER);
            } catch (IOException e) {
                LOG.debug("the input of container {} cannot be ended: it is going", container.id(), e);
            }
        }
    }

    @Override
    public Optional<ContainerRoot> root(ContainerId id) {
        Supervised container = containers.get(id);
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
            throw failure("look into", id, e);
        }
    }

    @Override
    public Recovery recover(Launch launch, ExitListener listener) {
        CgroupPath cgroup =
                cgroups.root().container(launch.id(), launch.spec().resources().cgroupParent());
        var container = new Supervised(launch, listener, files.latest(launch, cgroup));
        if (containers.putIfAbsent(launch.id(), container) != null) {
            throw new Failure.Conflict("container " + launch.id() + " is known already");
        }
        Recovery found = ends.recover(container);
        if (found instanceof Recovery.Alive alive) {
            ends.watch(container, alive.running());
        } else {
            container.end();
            if (found instanceof Recovery.Absent) {
                destroy(launch.id());
            }
        }
        return found;
    }

    @Override
    public void destroy(ContainerId id) {
        Supervised container = containers.get(id);
        if (container != null) {
            container.end();
            ends.remove(id, container.note(), container.isOver());
            container.disconnect();
        } else {
            Note note = files.read(id).orElse(null);
            if (note != null) {
                ends.remove(id, note, false);
            } else if (cgroups.containers().contains(id)) {
                CgroupPath cgroup = cgroups.root().container(id, null);
                cgroups.kill(cgroup);
                cgroups.remove(cgroup);
            }
            files.forget(id);
        }
        containers.remove(id);
    }

    @Override
    public Set<ContainerId> held() {
        Set<ContainerId> held = new HashSet<>(files.containers());
        held.addAll(cgroups.containers());
        held.addAll(containers.keySet());
        return held;
    }

    @Override
    public void close() {
        containers.values().forEach(Supervised::end);
        containers.values().forEach(Supervised::disconnect);
        spawner.close();
        pool.close();
    }

    private Supervised container(ContainerId id) {
        Supervised container = containers.get(id);
        if (container == null) {
            throw new Failure.NotFound("No such container: " + id);
        }
        return container;
    }

    private static Failure notRunning(ContainerId id) {
        return new Failure.Conflict("container " + id + " is not running");
    }

    private static Failure failure(String verb, ContainerId id, IOException e) {
        return new Failure.Internal("cannot " + verb + " container " + id + ": " + e.getMessage(), e);
    }
}
