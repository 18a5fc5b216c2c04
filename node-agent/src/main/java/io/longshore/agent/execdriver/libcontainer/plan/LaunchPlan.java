package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.cgroup.CgroupLimits;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.DeviceRule;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.RawPath;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What one start of a container does: its cgroup, and the program that makes it up to the gate. Compiled by a pure function
 * from the launch; {@link StartPlan} compiles what follows after the gate.
 *
 * @param create the program up to the gate
 * @param cgroup the container's cgroup, which must exist before the program runs
 * @param limits of it
 */
public record LaunchPlan(StageProgram create, CgroupPath cgroup, CgroupLimits limits) {
    /** mount(2) takes one page of options. */
    private static final int MOUNT_DATA = 4095;

    /** linux/if.h, linux/sockios.h. */
    private static final int SIOCSIFFLAGS = 0x8914;

    private static final int IFF_UP_RUNNING = 0x41;
    private static final int IFREQ_BYTES = 40;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

    /**
     * Compiles a launch.
     *
     * @param config of the supervisor
     * @param files sources of the launch's bind mounts that are not directories
     * @throws Failure.Invalid if the specification cannot be made into a program; the message names the field
     */
    public static LaunchPlan of(Launch launch, HostFacts facts, SupervisorConfig config, Set<String> files) {
        return of(launch, facts, config, LaunchFacts.of(files));
    }

    /** {@link #of(Launch, HostFacts, SupervisorConfig, Set)} with all that was looked up for this launch. */
    public static LaunchPlan of(Launch launch, HostFacts facts, SupervisorConfig config, LaunchFacts found) {
        try {
            return compile(launch, facts, config, found);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new Failure.Invalid("container " + launch.id() + " cannot be started: " + e.getMessage(), e);
        }
    }

    private static LaunchPlan compile(Launch launch, HostFacts facts, SupervisorConfig config, LaunchFacts found) {
        ContainerSpec spec = launch.spec();
        CgroupPath path = cgroup(spec, facts);
        boolean privateCgroups = spec.security().cgroupNamespace().equals("private");
        var sharing = new Sharing(spec.security().namespaces(), found.shared());
        boolean forks = sharing.joinsProcesses();
        var cgroups = new CgroupSteps(facts, path, privateCgroups);
        StageProgram.Builder program =
                StageProgram.create(forks ? config.forking() : config).cloneFlags(sharing.cloneFlags(launch.sandbox()));
        var steps = new Steps(program);
        cgroups.prepare(program);
        if (!forks) {
            steps.add(Op.of(Call.SETSID).label("setsid"));
        }
        cgroups.join(steps);
        keyring(steps, spec);
        processSettings(steps, spec, sharing.ownUts());
        appArmor(steps, spec, facts);
        sharing.join(steps);
        network(steps, launch.sandbox(), found.shared().network());
        Sharing.sysctls(steps, spec, launch.sandbox());
        if (spec.process().init()) {
            init(steps, found.init());
        }
        var own = new OwnMounts(launch, found.sources());
        own.open(steps);
        root(steps, launch.root());
        var devices = new Devices(found.devices(), spec.security().privileged() ? facts.devices() : List.of());
        new SystemMounts(
                        steps,
                        spec,
                        new SystemMounts.Inside(devices, sharing, cgroups, facts.kcore()),
                        own.destinations())
                .add();
        own.add(steps);
        devices.makeElsewhere(steps);
        InsidePath directory = workingDirectory(spec.process().workingDirectory());
        makeWorkingDirectory(steps, directory);
        if (own.destinations().contains("/dev")) {
            SystemMounts.attachUnused(steps);
        }
        Walls.add(steps, spec.security(), facts);
        if (spec.readOnlyRoot()) {
            Walls.readOnlyRoot(steps);
        }
        Arg.Slot opened = openWorkingDirectory(steps, directory);
        pivot(steps);
        if (forks) {
            // What is made by a fork has no descriptor left that it could enter it by.
            steps.add(Op.of(Call.FCHDIR, opened).label("working directory " + directory));
        }
        return new LaunchPlan(program.build(), path, limits(spec, found));
    }

    static CgroupPath cgroup(ContainerSpec spec, HostFacts facts) {
        return facts.cgroupRoot().container(spec.id(), spec.resources().cgroupParent());
    }

    static CgroupLimits limits(ContainerSpec spec, LaunchFacts found) {
        return new CgroupLimits(spec.resources(), deviceRules(spec, found), found.block());
    }

    /** A supervisor takes a few hundred KB and is worth its container; the agent's own value is not what it should have. */
    static List<DeviceRule> deviceRules(ContainerSpec spec, LaunchFacts found) {
        if (spec.security().privileged()) {
            return List.of();
        }
        return Stream.concat(DeviceRule.DOCKER_DEFAULT.stream(), found.deviceRules().stream())
                .distinct()
                .toList();
    }

    /** While the node's /proc is there, by which the agent's own descriptor of the binary is found. */
    private static void init(Steps steps, String file) {
        steps.add(Op.of(Call.OPENAT, Arg.CWD, text(file), number(O_RDONLY | O_CLOEXEC), NULL)
                .save(steps.program.slot(StartPlan.INIT))
                .label("open the init"));
    }

    /** A session keyring of its own, as runc makes it; a kernel without keys or whose quota of them is used up starts it all the same. */
    static void keyring(Steps steps, ContainerSpec spec) {
        steps.add(Op.of(Call.KEYCTL, number(ProcessFlags.KEYCTL_JOIN_SESSION_KEYRING), text("_ses." + spec.id()))
                .tolerate(Errno.ENOSYS, Errno.EDQUOT)
                .label("join a session keyring"));
    }

    private static void processSettings(Steps steps, ContainerSpec spec, boolean ownNames) {
        oomScore(steps, spec);
        if (!ownNames) {
            return;
        }
        name(steps, Call.SETHOSTNAME, spec.hostname(), "host name");
        if (!spec.domainname().isEmpty()) {
            name(steps, Call.SETDOMAINNAME, spec.domainname(), "domain name");
        }
    }

    static void oomScore(Steps steps, ContainerSpec spec) {
        int adjust = spec.process().oomScoreAdjust();
        // What is the default already needs no privilege, but may be refused where the agent's own is higher.
        Errno[] tolerated = adjust == 0 ? new Errno[] {Errno.EACCES} : new Errno[0];
        steps.add(steps.write(
                "/proc/self/oom_score_adj", Integer.toString(adjust), "set oom_score_adj to " + adjust, tolerated));
    }

    /**
     * Names the profile that the kernel confines the process by at the next execve(2), which is that of the command. Said while the process
     * has the node's /proc and nothing that the image or a volume brings is mounted: nothing can stand in for that file (CVE-2019-19921,
     * CVE-2025-52881).
     */
    static void appArmor(Steps steps, ContainerSpec spec, HostFacts facts) {
        String profile = facts.appArmor().profile(spec.security().appArmor());
        if (!profile.isEmpty()) {
            steps.add(steps.write(
                    "/proc/self/attr/apparmor/exec", "exec " + profile, "set the AppArmor profile " + profile));
        }
    }

    private static void name(Steps steps, Call call, String value, String what) {
        byte[] bytes = RawPath.bytes(value);
        String shown = value.substring(0, Math.min(value.length(), 80));
        steps.add(Op.of(call, Arg.bytes(bytes), number(bytes.length)).label("set the " + what + " to " + shown));
    }

    private static void enter(Steps steps, String namespace) {
        Arg.Slot file = steps.scratch();
        String why = "enter network namespace " + namespace;
        steps.add(
                Op.of(Call.OPENAT, Arg.CWD, text(namespace), number(O_RDONLY | O_CLOEXEC), NULL)
                        .save(file)
                        .label(why),
                Op.of(Call.SETNS, file, number(ProcessFlags.CLONE_NEWNET)).label(why),
                Op.of(Call.CLOSE, file));
    }

    private static void network(Steps steps, Sandbox sandbox, String joined) {
        switch (sandbox) {
            case Sandbox.Host() -> {}
            case Sandbox.Private() -> {
                loopback(steps);
                sysctls(steps);
            }
            case Sandbox.Namespace(String path) -> {
                enter(steps, path);
                sysctls(steps);
            }
            // Its switches are the other's business.
            case Sandbox.Joined _ -> enter(steps, joined);
        }
    }

    private static void loopback(Steps steps) {
        byte[] request = ByteBuffer.allocate(IFREQ_BYTES)
                .order(ByteOrder.nativeOrder())
                .put(0, (byte) 'l')
                .put(1, (byte) 'o')
                .putShort(16, (short) IFF_UP_RUNNING)
                .array();
        Arg.Slot socket = steps.scratch();
        steps.add(
                Op.of(Call.SOCKET, number(AF_INET), number(SOCK_DGRAM_CLOEXEC), number(0))
                        .save(socket)
                        .label("set lo up"),
                Op.of(Call.IOCTL, socket, number(SIOCSIFFLAGS), Arg.bytes(request))
                        .label("set lo up"),
                Op.of(Call.CLOSE, socket));
    }

    /** As Docker since 20.10: any port may be bound and anyone may ping in a network of the container's own. */
    private static void sysctls(Steps steps) {
        steps.add(steps.write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0", "allow low ports", Errno.ENOENT));
        steps.add(steps.write(
                "/proc/sys/net/ipv4/ping_group_range", "0 2147483647", "allow ping", Errno.ENOENT, Errno.EINVAL));
    }

    static void root(Steps steps, RootFs root) {
        steps.add(Op.of(
                        Call.MOUNT,
                        text("none"),
                        text("/"),
                        NULL,
                        number(MountFlags.MS_REC | MountFlags.MS_PRIVATE),
                        NULL)
                .label("make all mounts private"));
        switch (root) {
            case RootFs.Directory(String path) -> {
                Arg.Slot mount = steps.cloneOf(path, true, "mount the root " + path);
                steps.add(Steps.moveInto(mount, Arg.CWD, path, "mount the root " + path), Op.of(Call.CLOSE, mount));
                openRoot(steps, path);
            }
            case RootFs.Simulated simulated ->
                throw new Failure.Internal("nothing can run in the simulated root " + simulated.path());
            case RootFs.Overlay overlay -> {
                steps.add(
                        Op.of(Call.CHDIR, text(overlay.directory())).label("enter " + overlay.directory()),
                        Op.of(
                                        Call.MOUNT,
                                        text("overlay"),
                                        text(overlay.mountPoint()),
                                        text("overlay"),
                                        number(0),
                                        text(options(overlay)))
                                .label("mount the root " + overlay.mountPoint()));
                openRoot(steps, overlay.mountPoint());
            }
        }
    }

    private static String options(RootFs.Overlay overlay) {
        for (String path : List.of(overlay.upper(), overlay.work())) {
            if (path.contains(",") || path.contains("\\")) {
                throw new Failure.Internal("the work directory's path must not contain , or \\: " + path);
            }
        }
        String options = "lowerdir=" + String.join(":", overlay.lower()) + ",upperdir=" + overlay.upper() + ",workdir="
                + overlay.work();
        if (RawPath.bytes(options).length > MOUNT_DATA) {
            throw new Failure.Invalid("the image has too many layers ("
                    + overlay.lower().size() + "): their names do not fit into one page of mount options");
        }
        return options;
    }

    private static void openRoot(Steps steps, String path) {
        steps.add(Op.of(Call.OPENAT, Arg.CWD, text(path), number(O_PATH | O_DIRECTORY | O_CLOEXEC), NULL)
                .save(steps.root)
                .label("open the root " + path));
    }

    private static InsidePath workingDirectory(String path) {
        return InsidePath.parse("working directory", path.isEmpty() ? "/" : path);
    }

    /** While the root can be written to. */
    private static void makeWorkingDirectory(Steps steps, InsidePath directory) {
        steps.openOrCreate(directory, true, steps.target(), "working directory " + directory);
        steps.add(Op.of(Call.CLOSE, steps.target()));
    }

    /** When all walls stand, so that the lookup meets them: a descriptor opened earlier would lead behind them. */
    private static Arg.Slot openWorkingDirectory(Steps steps, InsidePath directory) {
        Arg.Slot slot = steps.program.slot(StartPlan.WORKING_DIRECTORY);
        steps.add(steps.open(directory.toString(), O_PATH | O_DIRECTORY, slot, "working directory " + directory));
        return slot;
    }

    /** pivot_root(2), with the old root stacked under the new one until it is let go. */
    private static void pivot(Steps steps) {
        String why = "pivot_root";
        steps.add(
                Op.of(Call.FCHDIR, steps.root).label(why),
                Op.of(Call.PIVOT_ROOT, text("."), text(".")).label(why),
                Op.of(Call.UMOUNT2, text("."), number(MountFlags.MNT_DETACH)).label(why),
                Op.of(Call.CHDIR, text("/")).label(why));
    }

    /** For people: the cgroup and the program, a line each. */
    public String print() {
        return "cgroup " + cgroup + "\n" + create.print();
    }
}
