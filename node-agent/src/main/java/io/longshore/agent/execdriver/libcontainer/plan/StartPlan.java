package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.account.Identity;
import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.RawPath;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.StageProgram;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.agent.ContainerSpec.Limit;
import io.longshore.contracts.error.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a container's process does after the gate: it becomes who it is to be, loses what it must not have, and executes. */
public final class StartPlan {
    static final String WORKING_DIRECTORY = "cwd";
    static final String INIT = "init";
    /** As Docker Engine calls it in a container. There is no such file: it is executed from a descriptor. */
    private static final String INIT_NAME = "/sbin/docker-init";

    static final Map<String, Integer> LIMITS = Map.ofEntries(
            Map.entry("cpu", ProcessFlags.RLIMIT_CPU),
            Map.entry("fsize", ProcessFlags.RLIMIT_FSIZE),
            Map.entry("data", ProcessFlags.RLIMIT_DATA),
            Map.entry("stack", ProcessFlags.RLIMIT_STACK),
            Map.entry("core", ProcessFlags.RLIMIT_CORE),
            Map.entry("rss", ProcessFlags.RLIMIT_RSS),
            Map.entry("nproc", ProcessFlags.RLIMIT_NPROC),
            Map.entry("nofile", ProcessFlags.RLIMIT_NOFILE),
            Map.entry("memlock", ProcessFlags.RLIMIT_MEMLOCK),
            Map.entry("as", ProcessFlags.RLIMIT_AS),
            Map.entry("locks", ProcessFlags.RLIMIT_LOCKS),
            Map.entry("sigpending", ProcessFlags.RLIMIT_SIGPENDING),
            Map.entry("msgqueue", ProcessFlags.RLIMIT_MSGQUEUE),
            Map.entry("nice", ProcessFlags.RLIMIT_NICE),
            Map.entry("rtprio", ProcessFlags.RLIMIT_RTPRIO),
            Map.entry("rttime", ProcessFlags.RLIMIT_RTTIME));

    /** _LINUX_CAPABILITY_VERSION_3 of linux/capability.h. */
    private static final int CAPABILITY_VERSION = 0x20080522;
    /** More directories than that in a PATH are not searched. */
    private static final int MOST_CANDIDATES = 256;
    /** What execve(2) can take with the default stack limit. */
    private static final long ARGUMENT_BYTES = 2L << 20;

    private final ContainerSpec spec;
    private final StartWords words;
    private final long capabilities;
    private final int lastCapability;
    private final List<Op> ops = new ArrayList<>();

    private StartPlan(ContainerSpec spec, HostFacts facts, StartWords words) {
        this.spec = spec;
        this.words = words;
        this.capabilities = Capabilities.mask(spec.security().capabilities(), facts.capabilities());
        this.lastCapability = facts.lastCapability();
    }

    /** The names of the capabilities that a container gets here, by which its seccomp filter is chosen. */
    public static List<String> capabilities(ContainerSpec spec, HostFacts facts) {
        return Capabilities.names(Capabilities.mask(spec.security().capabilities(), facts.capabilities()));
    }

    /**
     * Compiles the list after the gate.
     *
     * @param created the program up to the gate
     * @param filter the seccomp filter (array of struct sock_filter); empty for none
     */
    public static StageProgram of(
            ContainerSpec spec, HostFacts facts, StageProgram created, Identity who, byte[] filter) {
        var plan = new StartPlan(spec, facts, StartWords.CONTAINER);
        if (Sharing.joinsProcesses(spec.security().namespaces())) {
            return plan.build(created, () -> plan.inAnothersSight(created, who, filter));
        }
        return plan.build(created, () -> {
            plan.limits();
            plan.streams(who.uid());
            plan.ops.add(Op.of(Call.FCHDIR, created.slot(WORKING_DIRECTORY))
                    .label("working directory " + spec.process().workingDirectory()));
            plan.credentials(who, filter);
            plan.execute(who.home(), created);
        });
    }

    /**
     * Compiles the list after the gate for an exec session, whose process the container sees only when it has nothing that it may not have.
     *
     * @param spec the container's, with the session's process and capabilities
     */
    static StageProgram ofSession(
            ContainerSpec spec, HostFacts facts, StageProgram created, Identity who, byte[] filter) {
        var plan = new StartPlan(spec, facts, StartWords.SESSION);
        return plan.build(created, () -> plan.inAnothersSight(created, who, filter));
    }

    /** The process is made, in the process id namespace that was joined, when nothing is left that it may not have. */
    private void inAnothersSight(StageProgram created, Identity who, byte[] filter) {
        limits();
        streams(who.uid());
        credentials(who, filter);
        ops.add(Op.fork().label("make the process"));
        ops.add(Op.of(Call.SETSID).label("setsid"));
        if (spec.process().tty()) {
            ops.add(Op.of(Call.IOCTL, number(0), number(ProcessFlags.TIOCSCTTY), number(0))
                    .label("take the terminal"));
        }
        // Without its supervisor nobody has its streams or takes its end. A seccomp profile may not let it through.
        ops.add(Op.of(Call.PRCTL, number(ProcessFlags.PR_SET_PDEATHSIG), number(ProcessFlags.SIGKILL))
                .tolerate(Errno.EPERM, Errno.ENOSYS)
                .label("end with the supervisor"));
        execute(who.home(), created);
    }

    private StageProgram build(StageProgram created, Runnable steps) {
        try {
            steps.run();
            return StageProgram.startAfter(created)
                    .start(ops.toArray(Op[]::new))
                    .build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new Failure.Invalid("container " + spec.id() + " cannot be started: " + e.getMessage(), e);
        }
    }

    private void limits() {
        for (Limit limit : spec.process().limits()) {
            Integer number = LIMITS.get(limit.name());
            if (number == null) {
                throw new Failure.Invalid("invalid ulimit type: "
                        + limit.name().substring(0, Math.min(100, limit.name().length())));
            }
            byte[] pair = ByteBuffer.allocate(16)
                    .order(ByteOrder.nativeOrder())
                    .putLong(limit.soft())
                    .putLong(limit.hard())
                    .array();
            ops.add(Op.of(Call.PRLIMIT64, number(0), number(number), Arg.bytes(pair), NULL)
                    .label("set ulimit " + limit.name() + "=" + limit.soft() + ":" + limit.hard()));
        }
    }

    /** So that a process that is not root can open /dev/stdout. Descriptor 0 stays as it is when it is /dev/null. */
    private void streams(int uid) {
        ContainerProcess process = spec.process();
        for (int fd = process.openStdin() || process.tty() ? 0 : 1; fd < 3 && uid != 0; fd++) {
            ops.add(Op.of(Call.FCHOWN, number(fd), number(uid), number(-1)).label("give the streams to user " + uid));
        }
    }

    private void credentials(Identity who, byte[] filter) {
        for (int i = 0; i <= lastCapability; i++) {
            if ((capabilities >> i & 1) == 0) {
                prctl(ProcessFlags.PR_CAPBSET_DROP, i, "drop capability " + i);
            }
        }
        ops.add(Op.of(Call.SETGROUPS, number(who.groups().size()), numbers(who.groups()))
                .label("set groups"));
        ops.add(Op.of(Call.SETRESGID, number(who.gid()), number(who.gid()), number(who.gid()))
                .label("set group " + who.gid()));
        if (spec.security().noNewPrivileges()) {
            prctl(ProcessFlags.PR_SET_NO_NEW_PRIVS, 1, "set no_new_privs");
        }
        if (filter.length > 0) {
            // While the process still has CAP_SYS_ADMIN; the filter lets through what follows.
            byte[] program = ByteBuffer.allocate(16)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) (filter.length / 8))
                    .array();
            ops.add(Op.of(
                            Call.SECCOMP,
                            number(ProcessFlags.SECCOMP_SET_MODE_FILTER),
                            number(0),
                            Arg.struct(program, Map.of(8, Arg.bytes(filter))))
                    .label("install the seccomp filter"));
        }
        ops.add(Op.of(Call.SETRESUID, number(who.uid()), number(who.uid()), number(who.uid()))
                .label("set user " + who.uid()));
        capset(who.uid() == 0 ? capabilities : 0);
    }

    private void prctl(int option, long value, String why) {
        ops.add(Op.of(Call.PRCTL, number(option), number(value), number(0), number(0), number(0))
                .label(why));
    }

    /** Effective and permitted; nothing is inheritable (CVE-2022-24769), and so nothing ambient. */
    private void capset(long set) {
        byte[] header = ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putInt(CAPABILITY_VERSION)
                .array();
        byte[] data = ByteBuffer.allocate(24)
                .order(ByteOrder.nativeOrder())
                .putInt((int) set)
                .putInt((int) set)
                .putInt(0)
                .putInt((int) (set >>> 32))
                .putInt((int) (set >>> 32))
                .putInt(0)
                .array();
        ops.add(Op.of(Call.CAPSET, Arg.bytes(header), Arg.bytes(data)).label("set capabilities"));
    }

    private static Arg numbers(List<Integer> values) {
        ByteBuffer buffer = ByteBuffer.allocate(Math.max(4, 4 * values.size())).order(ByteOrder.nativeOrder());
        values.forEach(buffer::putInt);
        return Arg.bytes(buffer.array());
    }

    private void execute(String home, StageProgram created) {
        List<String> arguments = spec.process().arguments();
        List<String> environment = Environment.of(spec, home);
        long bytes = 0;
        for (String each : arguments) {
            bytes += RawPath.bytes(each).length + 9L;
        }
        for (String each : environment) {
            bytes += RawPath.bytes(each).length + 9L;
        }
        String command = arguments.getFirst();
        if (bytes > ARGUMENT_BYTES) {
            String shown = command.substring(0, Math.min(100, command.length()));
            throw new CommandNotExecutable(
                    126,
                    words,
                    "exec: \"" + shown + "\": argument list too long (" + bytes + " bytes with the environment)");
        }
        Arg argv = Arg.strings(arguments);
        Arg envp = Arg.strings(environment);
        if (spec.process().init()) {
            List<String> under = new ArrayList<>(List.of(INIT_NAME, "--"));
            under.addAll(arguments);
            ops.add(Op.of(
                            Call.EXECVEAT,
                            created.slot(INIT),
                            text(""),
                            Arg.strings(under),
                            envp,
                            number(OpenFlags.AT_EMPTY_PATH))
                    .label("execute the init"));
            return;
        }
        List<String> candidates = candidates(command, Environment.path(environment));
        for (String candidate : candidates) {
            Op exec = Op.of(Call.EXECVE, text(candidate), argv, envp);
            ops.add(command.contains("/") ? exec : exec.tolerate(Errno.ENOENT, Errno.EACCES));
        }
    }

    static List<String> candidates(String command, String path) {
        if (command.contains("/") || command.isEmpty()) {
            return List.of(command);
        }
        return Arrays.stream(path.split(":", -1))
                .map(directory -> (directory.isEmpty() ? "." : directory) + "/" + command)
                .distinct()
                .limit(MOST_CANDIDATES)
                .toList();
    }
}
