package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NODEV;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NOEXEC;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NOSUID;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_RDONLY;
import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Hierarchy;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Places the supervisor and the process, and shows the process its cgroups. In version 2 they are born in theirs, in version 1 each joins by
 * itself; both for the time that it takes to move a process: see {@link Hierarchy#joining}.
 */
final class CgroupSteps {
    private static final int OWN_VIEW = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

    private final List<Hierarchy> hierarchies;
    private final CgroupPath path;
    private final CgroupPath supervisors;
    private final boolean privateNamespace;

    CgroupSteps(HostFacts facts, CgroupPath path, boolean privateNamespace) {
        this.hierarchies = facts.hierarchies();
        this.path = path;
        this.supervisors = facts.cgroupRoot().supervisors();
        this.privateNamespace = privateNamespace;
    }

    /** The supervisor leaves the agent's cgroup of version 2. */
    SupervisorConfig born(SupervisorConfig config) {
        return version2()
                .map(hierarchy -> config.cgroup(hierarchy.directory(supervisors).toString()))
                .orElse(config);
    }

    /** The supervisor leaves the agent's cgroups; where there is version 2 the process will be born in its own. */
    void prepare(StageProgram.Builder program, Steps steps) {
        prepareSupervisor(program, steps);
        version2().ifPresent(hierarchy -> bear(program, hierarchy));
    }

    /** The supervisor leaves the agent's cgroups; its process is put into its own by whoever makes it. */
    void prepareSupervisor(StageProgram.Builder program, Steps steps) {
        version1().forEach(hierarchy -> program.prepare(join(steps, hierarchy, supervisors, "the supervisor")));
    }

    /**
     * What an OCI runtime leaves to be done: beside version 1 it knows nothing of a version 2 tree, where its process stays in the cgroup of
     * the one who runs it.
     */
    void prepareBesideVersion1(StageProgram.Builder program) {
        if (version1().findAny().isPresent()) {
            version2().ifPresent(hierarchy -> bear(program, hierarchy));
        }
    }

    private void bear(StageProgram.Builder program, Hierarchy hierarchy) {
        Arg.Slot cgroup = program.slot("cgroup");
        program.prepare(Op.of(
                        Call.OPENAT,
                        Arg.CWD,
                        text(hierarchy.directory(path).toString()),
                        number(O_PATH | O_DIRECTORY | O_CLOEXEC),
                        NULL)
                .save(cgroup)
                .label("open the container's cgroup"));
        program.cgroup(cgroup);
    }

    private Stream<Hierarchy> version1() {
        return hierarchies.stream().filter(hierarchy -> !hierarchy.unified());
    }

    private Optional<Hierarchy> version2() {
        return hierarchies.stream().filter(Hierarchy::unified).findFirst();
    }

    void join(Steps steps) {
        version1().forEach(hierarchy -> steps.add(join(steps, hierarchy, path, "the container")));
        if (privateNamespace) {
            // Not with clone3: the new namespace's root is the cgroup at the time of the call.
            steps.add(Op.of(Call.UNSHARE, number(ProcessFlags.CLONE_NEWCGROUP)).label("make a cgroup namespace"));
        }
    }

    private static Op[] join(Steps steps, Hierarchy hierarchy, CgroupPath where, String who) {
        return steps.write(
                hierarchy.joining(where).toString(),
                "0",
                "place " + who + " in cgroup " + where + " of " + hierarchy.mountPoint());
    }

    /** What Docker shows at /sys/fs/cgroup: the container's own directories, or the version 2 tree. */
    void show(Steps steps, boolean writable) {
        int attributes = OWN_VIEW | (writable ? 0 : MOUNT_ATTR_RDONLY);
        InsidePath at = InsidePath.parse("mount point", "/sys/fs/cgroup");
        String why = "mount cgroups on " + at;
        steps.add(steps.open(at.toString(), O_PATH | O_DIRECTORY, steps.target(), why));
        if (version1().findAny().isEmpty()) {
            Arg.Slot mount = steps.fileSystem("cgroup2", Map.of(), attributes);
            steps.add(Steps.move(mount, steps.target(), why), Op.of(Call.CLOSE, mount));
            return;
        }
        Arg.Slot directory = steps.program.slot("cgroups");
        steps.fileSystem("tmpfs", Map.of("mode", "755"), OWN_VIEW, directory);
        steps.add(Steps.move(directory, steps.target(), why));
        version1().forEach(hierarchy -> show(steps, directory, hierarchy, attributes));
        if (!writable) {
            steps.add(Steps.setAttributes(directory, MOUNT_ATTR_RDONLY, false, why));
        }
    }

    private void show(Steps steps, Arg.Slot directory, Hierarchy hierarchy, int attributes) {
        Path last = hierarchy.mountPoint().getFileName();
        String name = last == null ? "cgroup" : last.toString();
        String why = "show cgroup " + name;
        steps.add(Op.of(Call.MKDIRAT, directory, text(name), number(0755)).label(why));
        Arg.Slot own = steps.cloneOf(hierarchy.directory(path).toString(), false, why);
        steps.add(
                Steps.setAttributes(own, attributes, false, why),
                Steps.moveInto(own, directory, name, why),
                Op.of(Call.CLOSE, own));
        for (String controller : hierarchy.controllers()) {
            if (name.contains(",") && !controller.contains("=")) {
                steps.add(Op.of(Call.SYMLINKAT, text(name), directory, text(controller))
                        .label(why));
            }
        }
    }
}
