package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_MAGICLINKS;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_SYMLINKS;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.agent.SysctlNames;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which namespaces a container makes, which it joins, and the kernel parameters that it sets in its own. */
final class Sharing {
    private static final int MOST_SYSCTLS = 200;
    private static final String SHM = "shm";
    private static final String PROC = "proc";

    private final Namespaces namespaces;
    private final LaunchFacts.Shared shared;
    private Arg.@Nullable Slot shm;
    private Arg.@Nullable Slot proc;

    /** {@code Conflict} if what is to be joined is not open. */
    Sharing(Namespaces namespaces, LaunchFacts.Shared shared) {
        this.namespaces = namespaces;
        this.shared = shared;
        check("IPC", namespaces.ipc(), shared.ipc());
        check("PID", namespaces.pid(), shared.pid());
    }

    private static void check(String what, Namespace wanted, LaunchFacts.Joined found) {
        if (isJoined(wanted) && !found.isOpen()) {
            throw new Failure.Conflict(
                    "can't join " + what + " of container " + wanted.container() + ": its namespaces are not open");
        }
    }

    /** The flags of clone3(2). */
    long cloneFlags(Sandbox sandbox) {
        return ProcessFlags.CLONE_NEWNS
                | (sandbox instanceof Sandbox.Private ? ProcessFlags.CLONE_NEWNET : 0)
                | (isOwn(namespaces.pid()) ? ProcessFlags.CLONE_NEWPID : 0)
                | (isOwn(namespaces.uts()) ? ProcessFlags.CLONE_NEWUTS : 0)
                | (isOwn(namespaces.ipc()) ? ProcessFlags.CLONE_NEWIPC : 0);
    }

    /** Whether the network's switches are the container's own. */
    static boolean ownNetwork(Sandbox sandbox) {
        return sandbox instanceof Sandbox.Private || sandbox instanceof Sandbox.Namespace;
    }

    boolean ownUts() {
        return isOwn(namespaces.uts());
    }

    static boolean isOwn(Namespace namespace) {
        return namespace.from() != Namespace.From.HOST && namespace.from() != Namespace.From.CONTAINER;
    }

    private static boolean isJoined(Namespace namespace) {
        return namespace.from() == Namespace.From.CONTAINER;
    }

    /**
     * Whether the process is to be born into the process id namespace of another container: it is no session leader before, and its start
     * list has {@link Op#fork}.
     */
    boolean joinsProcesses() {
        return joinsProcesses(namespaces);
    }

    static boolean joinsProcesses(Namespaces namespaces) {
        return isJoined(namespaces.pid());
    }

    /**
     * Joins the IPC of another container, and takes a copy of its /dev/shm along; and the process ids of another, and a copy of its /proc: an
     * instance that shows them cannot be made from outside before Linux 6.18. A process id namespace that is joined holds for children, so the
     * process itself stays where nobody in there sees it (CVE-2016-9962).
     */
    void join(Steps steps) {
        if (isJoined(namespaces.ipc())) {
            String why = "join the IPC of container " + namespaces.ipc().container();
            shm = join(steps, shared.ipc(), ProcessFlags.CLONE_NEWIPC, "/dev/shm", why);
        }
        if (joinsProcesses()) {
            String why = "join the processes of container " + namespaces.pid().container();
            proc = join(steps, shared.pid(), ProcessFlags.CLONE_NEWPID, "/proc", why);
        }
    }

    /**
     * A copy of what is mounted at the path there. To look it up the process enters the other's mount namespace, where the other has the say
     * over what lies at the path: it may be any of its own mounts, and nothing else.
     */
    private static Arg.Slot join(Steps steps, LaunchFacts.Joined other, long namespace, String path, String why) {
        Arg.Slot own = steps.program.slot("own");
        Arg.Slot file = steps.scratch();
        Arg.Slot copy = steps.program.slot(path.substring(path.lastIndexOf('/') + 1));
        steps.add(
                open("/proc/self/ns/mnt", own, why),
                open(other.namespace(), file, why),
                Op.of(Call.SETNS, file, number(namespace)).label(why),
                Op.of(Call.CLOSE, file),
                open(other.mounts(), file, why),
                Op.of(Call.SETNS, file, number(ProcessFlags.CLONE_NEWNS)).label(why),
                Op.of(Call.CLOSE, file),
                Steps.openat2(
                                Arg.CWD,
                                path,
                                O_PATH | O_DIRECTORY | O_CLOEXEC,
                                RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
                        .save(file)
                        .label(why),
                Op.of(
                                Call.OPEN_TREE,
                                file,
                                text(""),
                                number(MountFlags.OPEN_TREE_CLONE | MountFlags.OPEN_TREE_CLOEXEC | AT_EMPTY_PATH))
                        .save(copy)
                        .label(why),
                Op.of(Call.CLOSE, file),
                Op.of(Call.SETNS, own, number(ProcessFlags.CLONE_NEWNS)).label(why),
                Op.of(Call.CLOSE, own));
        return copy;
    }

    private static Op open(String path, Arg.Slot into, String why) {
        return Op.of(Call.OPENAT, Arg.CWD, text(path), number(O_RDONLY | O_CLOEXEC), NULL)
                .save(into)
                .label(why);
    }

    /** Whether there is a /dev/shm at all. */
    boolean hasShm() {
        return namespaces.ipc().from() != Namespace.From.NONE;
    }

    /** The /proc that shows the container's processes, attached nowhere yet. */
    Arg.Slot proc(Steps steps) {
        return proc != null ? proc : steps.fileSystem(PROC, Map.of(), SystemMounts.PLAIN);
    }

    /** The copy of the other's /dev/shm that {@link #join} took along; null if there is no other. */
    Arg.@Nullable Slot joinedShm() {
        return shm;
    }

    /** Mounts /dev/shm from where it comes, in a /dev that is attached. */
    void mountShm(Steps steps, long bytes) {
        String why = "mount tmpfs on /dev/shm";
        Arg.Slot mount = switch (namespaces.ipc().from()) {
            case CONTAINER -> Objects.requireNonNull(shm, "joined before");
            case HOST -> steps.cloneOf("/dev/shm", false, why);
            default ->
                steps.fileSystem(
                        "tmpfs",
                        SystemMounts.ordered("source", SHM, "mode", "1777", "size", Long.toString(bytes)),
                        SystemMounts.PLAIN);
        };
        steps.add(Steps.moveInto(mount, steps.dev, SHM, why), Op.of(Call.CLOSE, mount));
    }

    /** By the node's /proc, while it is still there: the kernel writes in the namespaces of the one who writes. */
    static void sysctls(Steps steps, ContainerSpec spec, Sandbox sandbox) {
        sysctls(spec, sandbox).forEach((name, value) -> {
            String shown = value.substring(0, Math.min(value.length(), 80));
            steps.add(steps.write("/proc/sys/" + SysctlNames.path(name), value, "set sysctl " + name + "=" + shown));
        });
    }

    /** Those that a container may set in namespaces of its own; {@code Invalid} for another. */
    static Map<String, String> sysctls(ContainerSpec spec, Sandbox sandbox) {
        Map<String, String> wanted = new TreeMap<>(spec.security().sysctls());
        if (wanted.size() > MOST_SYSCTLS) {
            throw new Failure.Invalid(
                    "a container can have at most " + MOST_SYSCTLS + " sysctls, not " + wanted.size());
        }
        wanted.forEach((name, value) -> {
            String refusal = SysctlNames.refusal(
                    name, !ownNetwork(sandbox), spec.security().namespaces());
            if (refusal != null) {
                throw new Failure.Invalid(refusal);
            }
        });
        return wanted;
    }
}
