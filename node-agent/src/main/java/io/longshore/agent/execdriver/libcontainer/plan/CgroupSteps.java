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
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Places the process, and shows it its cgroups. In version 2 it is born in its own, in version 1 it joins by itself; both for the time that it
 * takes to move a process: see {@link Hierarchy#joining}. The supervisor is placed before: {@link NurseryPlan}.
 */
final class CgroupSteps {
    private static final int OWN_VIEW = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

    private final List<Hierarchy> hierarchies;
    private final CgroupPath path;
    private final boolean privateNamespace;

    CgroupSteps(HostFacts facts, CgroupPath path, boolean privateNamespace) {
        this.hierarchies = facts.hierarchies();
        this.path = path;
        this.privateNamespace = privateNamespace;
    }

    /** Where there is version 2 the process will be born in its own cgroup. */
    void prepare(StageProgram.Builder program) {
        version2().ifPresent(hierarchy -> bear(program, hierarchy));
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
        version1().forEach(hierarchy -> steps.add(steps.join(hierarchy, path, "the container")));
        if (privateNamespace) {
            // Not with clone3: the new namespace's root is the cgroup at the time of the call.
            steps.add(Op.of(Call.UNSHARE, number(ProcessFlags.CLONE_NEWCGROUP)).label("make a cgroup namespace"));
        }
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
