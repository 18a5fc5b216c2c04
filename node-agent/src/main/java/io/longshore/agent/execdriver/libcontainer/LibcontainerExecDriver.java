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
import io.longshore.agent.seccomp.KernelVersion;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.Spawner;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Our own runtime: a launch is compiled to a stage program, a stage process executes it and becomes the container's
 * supervisor. What a container looks like from inside is Docker's default sandbox.
 */
public final class LibcontainerExecDriver implements ExecDriver {
    /** For what a supervisor answers at once. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** For the last words of a supervisor that is gone to be read. */
    private static final Duration GOES = Duration.ofSeconds(1);

    private final NativePool pool;
    private final Spawner spawner;
    private final Cgroups cgroups;
    private final RunFiles files;
    private final Launcher launcher;
    private final Ends ends;
    private final Map<ContainerId, Supervised> containers = new ConcurrentHashMap<>();

    private LibcontainerExecDriver(
            NativePool pool, Spawner spawner, Cgroups cgroups, RunFiles files, Launcher launcher) {
        this.pool = pool;
        this.spawner = spawner;
        this.cgroups = cgroups;
        this.files = files;
        this.launcher = launcher;
        this.ends = new Ends(cgroups, files);
    }

    /** Opens the driver with its cgroups under {@link CgroupPath#LONGSHORE}. */
    public static LibcontainerExecDriver open(Syscalls syscalls, SeccompLibrary seccomp, Path runDirectory) {
        return open(syscalls, seccomp, runDirectory, CgroupPath.LONGSHORE);
    }

    /**
     * Opens the driver.
     *
     * @param runDirectory on a file system that does not outlive the machine, path of at most 30 bytes (a socket's path has room
     *     for 107 with an id and its ending); made with mode 0700 if it is missing. One agent at a time.
     * @param cgroupRoot under which containers and supervisors get their cgroups; another one for each agent of a machine
     * @throws Failure.Internal naming what the machine lacks
     */
    public static LibcontainerExecDriver open(
            Syscalls syscalls, SeccompLibrary seccomp, Path runDirectory, CgroupPath cgroupRoot) {
        NativePool pool = new NativePool("exec-native", 8, 1024);
        try {
            Files.createDirectories(
                    runDirectory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Cgroups cgroups = Cgroups.detect(syscalls, cgroupRoot);
            cgroups.ensure(cgroupRoot.supervisors());
            HostFacts facts = NodeFacts.read(syscalls, cgroups);
            Spawner spawner = Spawner.open(syscalls, pool);
            var files = new RunFiles(runDirectory);
            var filters = new SeccompFilters(seccomp, KernelVersion.running());
            var launcher = new Launcher(syscalls, pool, spawner, cgroups, files, facts, filters);
            return new LibcontainerExecDriver(pool, spawner, cgroups, files, launcher);
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
        LaunchPlan plan = launcher.plan(launch, container.note().socket());
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
            container.client().signal(signal, ANSWER);
        } catch (ErrnoException e) {
            throw e.is(Errno.ESRCH) ? notRunning(id) : failure("signal", id, e);
        } catch (IOException e) {
            // The supervisor is gone: what is left of the container is on its way out too.
            throw ends(container) ? notRunning(id) : failure("signal", id, e);
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
            throw ends(container) ? notRunning(id) : failure("resize", id, e);
        }
    }

    @Override
    public Duplex attach(ContainerId id, AttachRequest request) {
        Supervised container = container(id);
        try {
            return SupervisorClient.attach(
                    container.note().socket(), request.stdin(), request.stdout(), request.stderr(), ANSWER);
        } catch (IOException e) {
            throw container.hasEnded() || ends(container) ? notRunning(id) : failure("attach to", id, e);
        }
    }

    @Override
    public Recovery recover(Launch launch, ExitListener listener) {
        CgroupPath cgroup =
                cgroups.root().container(launch.id(), launch.spec().resources().cgroupParent());
        Note note = files.read(launch.id()).orElseGet(() -> files.begin(launch, cgroup));
        var container = new Supervised(launch, listener, note);
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

    /** Whether the supervisor is going: that a connection breaks may be known before what was said on the other is read. */
    private static boolean ends(Supervised container) {
        return container.client().ends(GOES);
    }

    private static Failure notRunning(ContainerId id) {
        return new Failure.Conflict("container " + id + " is not running");
    }

    private static Failure failure(String verb, ContainerId id, IOException e) {
        return new Failure.Internal("cannot " + verb + " container " + id + ": " + e.getMessage(), e);
    }
}
