package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_RDWR;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.RawPath;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What one start by an OCI runtime does. Up to the gate the root is mounted, in a mount namespace that ends with the container; past it the
 * runtime's create and start run to their ends, and the supervisor takes the process that they leave. Pure functions.
 */
public final class OciPlan {
    /** Labels of the calls that run the runtime: when one fails, the runtime has said why. */
    public static final String CREATE = "runtime create";

    public static final String START = "runtime start";

    private static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    /** sys/socket.h. */
    private static final int AF_UNIX = 1;

    private static final int SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x80000 | 0x800;

    private OciPlan() {}

    /**
     * How the runtime is called.
     *
     * @param path of its binary, absolute
     * @param arguments that go before those of ours
     * @param files of the container that is to be made
     */
    public record RuntimeCommand(String path, List<String> arguments, OciFiles files) {
        public RuntimeCommand {
            arguments = List.copyOf(arguments);
        }

        /** A call of it: {@code verb [options] id}. */
        List<String> call(String verb, List<String> options, String id) {
            List<String> all = new ArrayList<>(List.of(path));
            all.addAll(arguments);
            all.addAll(List.of("--root", files.state(), "--log", files.log(), "--log-format", "json", verb));
            all.addAll(options);
            all.add(id);
            return all;
        }

        /** The command by which it forgets a container, whatever state it is in. */
        public List<String> delete(String id) {
            return call("delete", List.of("--force"), id);
        }
    }

    /** Up to the gate. {@code Invalid} as {@link LaunchPlan#of} has it; {@code NotImplemented} for the process ids of another container. */
    public static LaunchPlan create(
            Launch launch, HostFacts facts, SupervisorConfig config, LaunchFacts found, OciFiles files) {
        ContainerSpec spec = launch.spec();
        try {
            var cgroups = new CgroupSteps(facts, LaunchPlan.cgroup(spec, facts), false);
            StageProgram.Builder program = StageProgram.create(config.forking()).cloneFlags(ProcessFlags.CLONE_NEWNS);
            var steps = new Steps(program);
            var sharing = new Sharing(spec.security().namespaces(), found.shared());
            if (sharing.joinsProcesses()) {
                // The runtime itself would be seen there, with all that it may.
                throw new Failure.NotImplemented("--pid container:NAME is not available with --runtime "
                        + spec.runtime() + ": leave --runtime out");
            }
            cgroups.prepareBesideVersion1(program);
            program.prepare(Op.of(Call.PRCTL, number(ProcessFlags.PR_SET_CHILD_SUBREAPER), number(1))
                    .label("become the parent of what the runtime leaves"));
            steps.add(
                    Op.of(Call.PRCTL, number(ProcessFlags.PR_SET_PDEATHSIG), number(ProcessFlags.SIGKILL))
                            .label("end with the supervisor"),
                    Op.of(Call.SETSID).label("setsid"));
            sharing.join(steps);
            var own = new OwnMounts(launch, found.sources());
            own.open(steps);
            LaunchPlan.root(steps, launch.root());
            OwnMounts.marker(steps);
            own.stage(steps, files);
            Arg.Slot shm = sharing.joinedShm();
            if (shm != null) {
                steps.add(Steps.moveInto(shm, Arg.CWD, files.shm(), "mount the other's /dev/shm"));
            }
            steps.add(Op.of(Call.CHDIR, text("/")).label("leave the root"));
            return new LaunchPlan(program.build(), LaunchPlan.cgroup(spec, facts), LaunchPlan.limits(spec, found));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new Failure.Invalid("container " + launch.id() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** Where {@link #create}'s program mounts what the runtime could not, by path: whether a directory is to be there or a file. */
    public static Map<String, Boolean> staged(Launch launch, LaunchFacts found, OciFiles files) {
        return new OwnMounts(launch, found.sources()).staged(files);
    }

    /** Where the root is mounted, in the mount namespace of the process at the gate. */
    public static String root(RootFs root) {
        return switch (root) {
            case RootFs.Directory(String path) -> path;
            case RootFs.Simulated(String path) -> path;
            case RootFs.Overlay overlay -> overlay.mountPoint();
        };
    }

    /** Past the gate; the bundle is written before. */
    public static StageProgram start(ContainerSpec spec, StageProgram created, RuntimeCommand runtime) {
        OciFiles files = runtime.files();
        String id = spec.id().value();
        StageProgram.Builder program = StageProgram.startAfter(created);
        List<String> options = new ArrayList<>(List.of("--bundle", files.bundle(), "--pid-file", files.pid()));
        Arg.Slot console = program.slot("console");
        if (spec.process().tty()) {
            options.addAll(List.of("--console-socket", files.console()));
            listen(program, console, files.console());
        }
        program.start(Op.run(runtime.path(), runtime.call("create", options, id), ENVIRONMENT)
                .label(CREATE));
        if (spec.process().tty()) {
            program.start(Op.passTerminal(console).label("take the terminal that the runtime made"));
        }
        program.start(Op.handOver(files.pid()).label("take the process that the runtime made"));
        Arg.Slot nothing = program.slot("nothing");
        String why = "leave the container's streams to it";
        program.start(Op.of(Call.OPENAT, Arg.CWD, text("/dev/null"), number(O_RDWR | O_CLOEXEC), NULL)
                .save(nothing)
                .label(why));
        for (int i = 0; i < 3; i++) {
            program.start(Op.of(Call.DUP3, nothing, number(i), number(0)).label(why));
        }
        program.start(
                Op.run(runtime.path(), runtime.call("start", List.of(), id), ENVIRONMENT)
                        .label(START),
                Op.of(Call.EXIT_GROUP, number(0)));
        return program.build();
    }

    private static void listen(StageProgram.Builder program, Arg.Slot socket, String path) {
        String why = "listen for the terminal";
        byte[] name = RawPath.bytes(path);
        byte[] address = ByteBuffer.allocate(2 + name.length + 1)
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_UNIX)
                .put(name)
                .array();
        program.start(
                Op.of(Call.SOCKET, number(AF_UNIX), number(SOCK_STREAM_CLOEXEC_NONBLOCK), number(0))
                        .save(socket)
                        .label(why),
                Op.of(Call.BIND, socket, Arg.bytes(address), number(address.length))
                        .label(why),
                Op.of(Call.LISTEN, socket, number(1)).label(why));
    }
}
