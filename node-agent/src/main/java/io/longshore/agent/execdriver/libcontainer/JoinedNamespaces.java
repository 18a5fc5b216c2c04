package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts.Joined;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts.Shared;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a container joins of others, held open while it is created. The descriptors are of the very process that the other was started as:
 * they are opened first, and whose they are is asked then, since a number may be another process's by now.
 */
final class JoinedNamespaces implements AutoCloseable {
    private final Syscalls syscalls;
    private final Function<ContainerId, @Nullable Supervised> known;
    private final List<Fd> open = new ArrayList<>();
    private Shared paths = Shared.NOTHING;

    private JoinedNamespaces(Syscalls syscalls, Function<ContainerId, @Nullable Supervised> known) {
        this.syscalls = syscalls;
        this.known = known;
    }

    /**
     * Opens what a container's specification wants to join; nothing if it wants nothing of the kind.
     *
     * @param known the containers of this node by id; null for one that is not there
     * @throws Failure.Conflict in Docker's words when the other does not run or does not share
     */
    static JoinedNamespaces open(Syscalls syscalls, Launch launch, Function<ContainerId, @Nullable Supervised> known) {
        Namespaces wanted = launch.spec().security().namespaces();
        var joined = new JoinedNamespaces(syscalls, known);
        try {
            joined.paths =
                    new Shared(joined.ipc(wanted.ipc()), joined.pid(wanted.pid()), joined.network(launch.sandbox()));
            return joined;
        } catch (RuntimeException e) {
            joined.close();
            throw e;
        }
    }

    private Joined ipc(Namespace wanted) {
        if (wanted.from() != Namespace.From.CONTAINER) {
            return Joined.NOTHING;
        }
        ContainerId id = Objects.requireNonNull(wanted.container(), "a container to join has an id");
        var notRunning =
                new Failure.Conflict("can't join IPC of container " + id + ": container " + id + " is not running");
        Supervised other = running(id, notRunning);
        Namespace.From from = other.container().security().namespaces().ipc().from();
        if (from == Namespace.From.PRIVATE || from == Namespace.From.NONE) {
            throw new Failure.Conflict("can't join IPC of container " + id
                    + ": non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        }
        return join(other, "ipc", notRunning);
    }

    private Joined pid(Namespace wanted) {
        if (wanted.from() != Namespace.From.CONTAINER) {
            return Joined.NOTHING;
        }
        ContainerId id = Objects.requireNonNull(wanted.container(), "a container to join has an id");
        var notRunning = new Failure.Conflict("container " + id + " is not running");
        return join(running(id, notRunning), "pid", notRunning);
    }

    private String network(Sandbox sandbox) {
        if (!(sandbox instanceof Sandbox.Joined(ContainerId id))) {
            return "";
        }
        var notRunning = new Failure.Conflict("cannot join network of a non running container: " + id);
        return join(running(id, notRunning), "net", notRunning).namespace();
    }

    private Supervised running(ContainerId id, Failure notRunning) {
        Supervised other = known.apply(id);
        if (other == null || other.note().started() == null || other.hasEnded()) {
            throw notRunning;
        }
        return other;
    }

    private Joined join(Supervised other, String namespace, Failure notRunning) {
        Started started = Objects.requireNonNull(other.note().started(), "one that runs was started");
        ProcessIdentity process = started.process();
        try {
            var joined = new Joined(path(process, namespace), path(process, "mnt"));
            if (process.isAlive()) {
                return joined;
            }
        } catch (ErrnoException e) {
            notRunning.addSuppressed(e);
        }
        throw notRunning;
    }

    private String path(ProcessIdentity process, String namespace) throws ErrnoException {
        Fd file = syscalls.open("/proc/" + process.pid() + "/ns/" + namespace, OpenFlags.O_RDONLY, 0);
        open.add(file);
        return path(file);
    }

    /** Paths by which another process of the node finds them while this is open. */
    Shared paths() {
        return paths;
    }

    /** A path to this process's descriptor, for a process that it starts. */
    static String path(Fd file) {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.number();
    }

    @Override
    public void close() {
        open.forEach(Fd::close);
    }
}
