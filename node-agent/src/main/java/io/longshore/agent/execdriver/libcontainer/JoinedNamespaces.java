package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts.Shared;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Another container's IPC, held open while one that joins it is created. The descriptors are of the very process that the other was
 * started as: they are opened first, and whose they are is asked then, since a number may be another process's by now.
 */
final class JoinedNamespaces implements AutoCloseable {
    private final @Nullable Fd ipc;
    private final @Nullable Fd mounts;

    private JoinedNamespaces(@Nullable Fd ipc, @Nullable Fd mounts) {
        this.ipc = ipc;
        this.mounts = mounts;
    }

    /**
     * Opens what a container's specification wants to join; nothing if it wants nothing of the kind.
     *
     * @param known the containers of this node by id; null for one that is not there
     * @throws Failure.Conflict in Docker's words when the other does not run or does not share
     */
    static JoinedNamespaces open(
            Syscalls syscalls, Namespace wanted, Function<ContainerId, @Nullable Supervised> known) {
        if (wanted.from() != Namespace.From.CONTAINER) {
            return new JoinedNamespaces(null, null);
        }
        ContainerId id = Objects.requireNonNull(wanted.container(), "a container to join has an id");
        Supervised other = known.apply(id);
        Started started = other == null ? null : other.note().started();
        if (other == null || started == null || other.hasEnded()) {
            throw notRunning(id);
        }
        Namespace.From from = other.container().security().namespaces().ipc().from();
        if (from == Namespace.From.PRIVATE || from == Namespace.From.NONE) {
            throw new Failure.Conflict("can't join IPC of container " + id
                    + ": non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        }
        ProcessIdentity process = started.process();
        Fd ipc = null;
        try {
            ipc = file(syscalls, process, "ipc");
            Fd mounts = file(syscalls, process, "mnt");
            if (process.isAlive()) {
                return new JoinedNamespaces(ipc, mounts);
            }
            mounts.close();
            ipc.close();
            throw notRunning(id);
        } catch (ErrnoException e) {
            if (ipc != null) {
                ipc.close();
            }
            throw notRunning(id);
        }
    }

    private static Fd file(Syscalls syscalls, ProcessIdentity process, String name) throws ErrnoException {
        return syscalls.open("/proc/" + process.pid() + "/ns/" + name, OpenFlags.O_RDONLY, 0);
    }

    private static Failure notRunning(ContainerId id) {
        return new Failure.Conflict("can't join IPC of container " + id + ": container " + id + " is not running");
    }

    /** Paths by which another process of the node finds them while this is open. */
    Shared paths() {
        return ipc == null || mounts == null ? Shared.NOTHING : new Shared(path(ipc), path(mounts));
    }

    /** A path to this process's descriptor, for a process that it starts. */
    static String path(Fd file) {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.number();
    }

    @Override
    public void close() {
        if (ipc != null) {
            ipc.close();
        }
        if (mounts != null) {
            mounts.close();
        }
    }
}
