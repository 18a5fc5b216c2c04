package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NODEV;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NOEXEC;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NOSUID;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_RDONLY;
import static io.longshore.agent.linux.OpenFlags.AT_RECURSIVE;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.contracts.agent.ContainerSpec.Security;
import java.util.ArrayList;
import java.util.List;

/**
 * Paths that a container must not see or write. A file is hidden by the /dev/null that we made ourselves, never by one found
 * through a path (CVE-2025-31133); a directory by an empty read-only one. A path that is not there needs no hiding.
 */
final class Walls {
    private static final int MOST = 200;

    private Walls() {}

    static void add(Steps steps, Security security, HostFacts facts) {
        if (security.maskedPaths().size() > MOST || security.readOnlyPaths().size() > MOST) {
            throw new io.longshore.contracts.error.Failure.Invalid(
                    "a container can have at most " + MOST + " masked and as many read-only paths");
        }
        if (security.privileged()) {
            return;
        }
        Arg.Slot nothing = steps.program.slot("null");
        List<String> masked = facts.masked(security);
        if (!masked.isEmpty()) {
            steps.add(SystemMounts.openNull(steps, nothing));
        }
        for (String path : masked) {
            mask(steps, InsidePath.parse("masked path", path), nothing);
        }
        for (String path : security.readOnlyPaths()) {
            readOnly(steps, InsidePath.parse("read-only path", path));
        }
    }

    private static void mask(Steps steps, InsidePath path, Arg.Slot nothing) {
        String why = "mask " + path;
        Arg.Slot mount = steps.mount();
        Arg.Slot target = steps.target();
        List<Op> directory = emptyDirectory(steps, why);
        Op hideFile = Steps.move(mount, target, why);
        guarded(
                steps,
                path,
                why,
                List.of(
                        steps.cloneOf(nothing, 0, why),
                        // A file does not go onto a directory (EINVAL): that is hidden by another directory.
                        hideFile.tolerate(Errno.EINVAL).skipOnSuccess(directory.size())),
                directory);
    }

    private static List<Op> emptyDirectory(Steps steps, String why) {
        Arg.Slot mount = steps.mount();
        Arg.Slot context = steps.scratch();
        int attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
        return List.of(
                Op.of(Call.FSOPEN, Arg.text("tmpfs"), Arg.number(MountFlags.FSOPEN_CLOEXEC))
                        .save(context)
                        .label(why),
                Op.of(Call.FSCONFIG, context, Arg.number(MountFlags.FSCONFIG_CMD_CREATE), Arg.NULL, Arg.NULL, Arg.NULL)
                        .label(why),
                Op.of(Call.FSMOUNT, context, Arg.number(MountFlags.FSMOUNT_CLOEXEC), Arg.number(attributes))
                        .save(mount)
                        .label(why),
                Steps.move(mount, steps.target(), why));
    }

    private static void readOnly(Steps steps, InsidePath path) {
        String why = "make " + path + " read-only";
        Arg.Slot mount = steps.mount();
        guarded(
                steps,
                path,
                why,
                List.of(
                        steps.cloneOf(steps.target(), AT_RECURSIVE, why),
                        Steps.setAttributes(mount, MOUNT_ATTR_RDONLY, true, why),
                        Steps.move(mount, steps.target(), why)),
                List.of());
    }

    /** Opens the path and does the rest, or nothing if the path is not there. */
    private static void guarded(Steps steps, InsidePath path, String why, List<Op> first, List<Op> then) {
        List<Op> all = new ArrayList<>(first);
        all.addAll(then);
        steps.add(steps.open(path.toString(), O_PATH, steps.target(), why)
                .tolerate(Errno.ENOENT, Errno.ENOTDIR)
                .skipOnError(all.size()));
        all.forEach(steps::add);
    }

    /** Makes the root itself read-only, after everything has been made in it. */
    static void readOnlyRoot(Steps steps) {
        steps.add(Steps.setAttributes(steps.root, MOUNT_ATTR_RDONLY, false, "make the root read-only"));
    }
}
