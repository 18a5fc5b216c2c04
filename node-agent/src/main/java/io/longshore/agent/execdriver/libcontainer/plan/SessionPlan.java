package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOCTTY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDWR;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.account.Identity;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;

/**
 * What one exec session does: it joins the cgroups and namespaces of a container that runs. Up to the last step it is outside the
 * container's pid namespace, where nobody in the container can see it, let alone trace it (CVE-2016-9962, CVE-2024-21626). Pure functions.
 */
public final class SessionPlan {
    /** The process of the container, by its pidfd: what is joined is what the agent has looked at, whoever has its number later. */
    private static final int CONTAINER = Spawner.FIRST_INHERITED;

    /** The container's /dev/null, or the master of a terminal of its own devpts. */
    private static final int INPUT = Spawner.FIRST_INHERITED + 1;

    private static final long NAMESPACES = ProcessFlags.CLONE_NEWNS
            | ProcessFlags.CLONE_NEWUTS
            | ProcessFlags.CLONE_NEWIPC
            | ProcessFlags.CLONE_NEWNET
            | ProcessFlags.CLONE_NEWCGROUP
            | ProcessFlags.CLONE_NEWPID;

    private SessionPlan() {}

    /**
     * Up to the gate. Descriptor {@link Spawner#FIRST_INHERITED} is to be a pidfd of the container's first process; the next one, unless the
     * session takes input without a terminal, the container's /dev/null or the unlocked master of a terminal.
     *
     * @param spec the container's, with the session's process
     * @param cgroup of the container
     */
    public static StageProgram create(ContainerSpec spec, CgroupPath cgroup, HostFacts facts, SupervisorConfig config) {
        try {
            var cgroups = new CgroupSteps(facts, cgroup, false);
            StageProgram.Builder program = StageProgram.create(config.forking());
            var steps = new Steps(program);
            cgroups.prepare(program);
            cgroups.join(steps);
            LaunchPlan.keyring(steps, spec);
            LaunchPlan.oomScore(steps, spec);
            LaunchPlan.appArmor(steps, spec, facts);
            steps.add(
                    Op.of(Call.SETNS, number(CONTAINER), number(NAMESPACES)).label("join the container"),
                    Op.of(Call.CLOSE, number(CONTAINER)),
                    Op.of(Call.OPENAT, Arg.CWD, text("/"), number(O_PATH | O_DIRECTORY | O_CLOEXEC), NULL)
                            .save(steps.root)
                            .label("open the root"));
            workingDirectory(steps, spec.process().workingDirectory());
            streams(steps, spec.process());
            return program.build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new Failure.Invalid("the session cannot be started: " + e.getMessage(), e);
        }
    }

    /** Past the gate: see {@link StartPlan}. */
    public static StageProgram start(
            ContainerSpec spec, HostFacts facts, StageProgram created, Identity who, byte[] filter) {
        return StartPlan.ofSession(spec, facts, created, who, filter);
    }

    private static void workingDirectory(Steps steps, String path) {
        String label = "chdir to cwd (\"" + path + "\") set in config.json failed";
        steps.add(
                steps.open(
                        InsidePath.parse("working directory", path.isEmpty() ? "/" : path)
                                .toString(),
                        O_PATH | O_DIRECTORY,
                        steps.target(),
                        label),
                Op.of(Call.FCHDIR, steps.target()).label(label));
    }

    private static void streams(Steps steps, ContainerSpec.ContainerProcess process) {
        if (process.tty()) {
            String why = "open a terminal";
            Arg.Slot peer = steps.program.slot("terminal");
            steps.add(
                    Op.of(Call.IOCTL, number(INPUT), number(ProcessFlags.TIOCSPTLCK), Arg.bytes(new byte[4]))
                            .label(why),
                    Op.of(
                                    Call.IOCTL,
                                    number(INPUT),
                                    number(ProcessFlags.TIOCGPTPEER),
                                    number(O_RDWR | O_NOCTTY | O_CLOEXEC))
                            .save(peer)
                            .label(why),
                    Op.sendTerminal(number(INPUT)).label(why));
            for (int i = 0; i < 3; i++) {
                steps.add(Op.of(Call.DUP3, peer, number(i), number(0)).label(why));
            }
        } else if (!process.openStdin()) {
            steps.add(Op.of(Call.DUP3, number(INPUT), number(0), number(0)).label("open /dev/null"));
        }
    }
}
