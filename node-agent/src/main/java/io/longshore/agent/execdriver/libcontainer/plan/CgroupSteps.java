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
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Places the supervisor and the process, and shows the process its cgroups. A process joins by writing 0 itself, into all
 * version 1 trees back to back: on kernels before 6.18 the first write waits for RCU, and those right after it do not.
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

    /** The supervisor leaves the agent's cgroup; where there is version 2 the process will be born in its own. */
    void prepare(StageProgram.Builder program, Steps steps) {
        for (Hierarchy hierarchy : hierarchies) {
            program.prepare(join(steps, hierarchy, supervisors, "the supervisor"));
            if (hierarchy.unified()) {
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
        }
    }

    /** The supervisor leaves the agent's cgroup; its process is put into its own by whoever makes it. */
    void prepareSupervisor(StageProgram.Builder program, Steps steps) {
        for (Hierarchy hierarchy : hierarchies) {
            program.prepare(join(steps, hierarchy, supervisors, "the supervisor"));
        }
    }

    /**
     * What an OCI runtime leaves to be done: beside version 1 it knows nothing of a version 2 tree, where its process stays in the cgroup of
     * the one who runs it.
     */
    void joinBesideVersion1(Steps steps) {
        if (!hierarchies.stream().allMatch(Hierarchy::unified)) {
            hierarchies.stream()
                    .filter(Hierarchy::unified)
                    .forEach(each -> steps.add(join(steps, each, path, "the container")));
        }
    }

    void join(Steps steps) {
        for (Hierarchy hierarchy : hierarchies) {
            if (!hierarchy.unified()) {
                steps.add(join(steps, hierarchy, path, "the container"));
            }
        }
        if (privateNamespace) {
            // Not with clone3: the new namespace's root is the cgroup at the time of the call.
            steps.add(Op.of(Call.UNSHARE, number(ProcessFlags.CLONE_NEWCGROUP)).label("make a cgroup namespace"));
        }
    }

    private static Op[] join(Steps steps, Hierarchy hierarchy, CgroupPath where, String who) {
        return steps.write(
                hierarchy.procs(where).toString(),
                "0",
                "place " + who + " in cgroup " + where + " of " + hierarchy.mountPoint());
    }

    /** What Docker shows at /sys/fs/cgroup: the container's own directories, or the version 2 tree. */
    void show(Steps steps, boolean writable) {
        int attributes = OWN_VIEW | (writable ? 0 : MOUNT_ATTR_RDONLY);
        InsidePath at = InsidePath.parse("mount point", "/sys/fs/cgroup");
        String why = "mount cgroups on " + at;
        steps.add(steps.open(at.toString(), O_PATH | O_DIRECTORY, steps.target(), why));
        if (hierarchies.stream().allMatch(Hierarchy::unified)) {
            Arg.Slot mount = steps.fileSystem("cgroup2", Map.of(), attributes);
            steps.add(Steps.move(mount, steps.target(), why), Op.of(Call.CLOSE, mount));
            return;
        }
        Arg.Slot directory = steps.program.slot("cgroups");
        steps.fileSystem("tmpfs", Map.of("mode", "755"), OWN_VIEW, directory);
        steps.add(Steps.move(directory, steps.target(), why));
        for (Hierarchy hierarchy : hierarchies) {
            if (!hierarchy.unified()) {
                show(steps, directory, hierarchy, attributes);
            }
        }
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
