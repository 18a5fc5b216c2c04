package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.AT_RECURSIVE;
import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_CREAT;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_EXCL;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_WRONLY;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_IN_ROOT;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_MAGICLINKS;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_SYMLINKS;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Hierarchy;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.RawPath;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.StageProgram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The child list in the making: what the parts of a plan share. Everything inside the root is opened by openat2(2) beneath
 * {@link #root}, and mounted by descriptor, so that no symlink of an image and no rename in a shared volume leads outside.
 */
final class Steps {
    private static final int RESOLVE = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

    final StageProgram.Builder program;
    /** The container's root directory. */
    final Arg.Slot root;
    /** The container's own /dev, made by us. */
    final Arg.Slot dev;

    private final Arg.Slot context;
    private final Arg.Slot mount;
    private final Arg.Slot target;
    private final Arg.Slot[] parents;
    private final Arg.Slot scratch;

    Steps(StageProgram.Builder program) {
        this.program = program;
        root = program.slot("root");
        dev = program.slot("dev");
        context = program.slot("context");
        mount = program.slot("mount");
        target = program.slot("target");
        parents = new Arg.Slot[] {program.slot("parent"), program.slot("directory")};
        scratch = program.slot("file");
    }

    void add(Op... ops) {
        program.child(ops);
    }

    /** A new file system, mounted nowhere yet; its descriptor goes to {@code into}. An empty value is a flag. */
    void fileSystem(String type, Map<String, String> settings, int attributes, Arg.Slot into) {
        String why = "make " + type;
        add(Op.of(Call.FSOPEN, text(type), number(MountFlags.FSOPEN_CLOEXEC))
                .save(context)
                .label(why));
        Map<String, String> all = new LinkedHashMap<>();
        all.put("source", type);
        all.putAll(settings);
        all.forEach((key, value) -> add(Op.of(
                        Call.FSCONFIG,
                        context,
                        number(value.isEmpty() ? MountFlags.FSCONFIG_SET_FLAG : MountFlags.FSCONFIG_SET_STRING),
                        text(key),
                        value.isEmpty() ? NULL : text(value),
                        NULL)
                .label(type + " option " + key + "=" + value)));
        add(
                Op.of(Call.FSCONFIG, context, number(MountFlags.FSCONFIG_CMD_CREATE), NULL, NULL, NULL)
                        .label(why),
                Op.of(Call.FSMOUNT, context, number(MountFlags.FSMOUNT_CLOEXEC), number(attributes))
                        .save(into)
                        .label(why),
                Op.of(Call.CLOSE, context));
    }

    Arg.Slot fileSystem(String type, Map<String, String> settings, int attributes) {
        fileSystem(type, settings, attributes, mount);
        return mount;
    }

    /** A copy of what is mounted at a host path, with all below it if {@code recursive}; its descriptor is the result. */
    Arg.Slot cloneOf(String hostPath, boolean recursive, String why) {
        cloneOf(hostPath, recursive, mount, why);
        return mount;
    }

    /** {@link #cloneOf(String, boolean, String)} into a slot of one's own. */
    void cloneOf(String hostPath, boolean recursive, Arg.Slot into, String why) {
        add(Op.of(
                        Call.OPEN_TREE,
                        Arg.CWD,
                        text(hostPath),
                        number(MountFlags.OPEN_TREE_CLONE
                                | MountFlags.OPEN_TREE_CLOEXEC
                                | (recursive ? AT_RECURSIVE : 0)))
                .save(into)
                .label(why));
    }

    /** The same of a path below a directory of the host, whose content is hostile: no symlink in there leads out of it. */
    Arg.Slot cloneBelow(String hostDirectory, String path, String why) {
        Arg.Slot above = scratch;
        add(
                Op.of(Call.OPENAT, Arg.CWD, text(hostDirectory), number(O_PATH | O_DIRECTORY | O_CLOEXEC), NULL)
                        .save(above)
                        .label(why),
                openat2(above, path, O_PATH | O_CLOEXEC, RESOLVE).save(target).label(why),
                cloneOf(target, AT_RECURSIVE, why),
                Op.of(Call.CLOSE, target),
                Op.of(Call.CLOSE, above));
        return mount;
    }

    Op cloneOf(Arg.Slot file, int flags, String why) {
        return Op.of(
                        Call.OPEN_TREE,
                        file,
                        text(""),
                        number(MountFlags.OPEN_TREE_CLONE | MountFlags.OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags))
                .save(mount)
                .label(why);
    }

    Arg.Slot mount() {
        return mount;
    }

    Arg.Slot target() {
        return target;
    }

    Arg.Slot scratch() {
        return scratch;
    }

    /** mount_setattr(2) that sets flags on a mount. */
    static Op setAttributes(Arg.Slot mount, int attributes, boolean recursive, String why) {
        return setMount(mount, attributes, 0, recursive, why);
    }

    /** mount_setattr(2) that sets MS_SHARED, MS_SLAVE or MS_PRIVATE. */
    static Op setPropagation(Arg.Slot mount, int propagation, boolean recursive, String why) {
        return setMount(mount, 0, propagation, recursive, why);
    }

    private static Op setMount(Arg.Slot mount, int attributes, int propagation, boolean recursive, String why) {
        byte[] argument = ByteBuffer.allocate(32)
                .order(ByteOrder.nativeOrder())
                .putLong(attributes)
                .putLong(0)
                .putLong(propagation)
                .array();
        return Op.of(
                        Call.MOUNT_SETATTR,
                        mount,
                        text(""),
                        number(AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)),
                        Arg.bytes(argument),
                        number(argument.length))
                .label(why);
    }

    /** Attaches a mount on what {@code on} has open. */
    static Op move(Arg.Slot mount, Arg.Slot on, String why) {
        return Op.of(
                        Call.MOVE_MOUNT,
                        mount,
                        text(""),
                        on,
                        text(""),
                        number(MountFlags.MOVE_MOUNT_F_EMPTY_PATH | MountFlags.MOVE_MOUNT_T_EMPTY_PATH))
                .label(why);
    }

    /** Attaches a mount on a path of our own, in which is no symlink, from a directory or {@link Arg#CWD}. */
    static Op moveInto(Arg.Slot mount, Arg directory, String path, String why) {
        return Op.of(
                        Call.MOVE_MOUNT,
                        mount,
                        text(""),
                        directory,
                        text(path),
                        number(MountFlags.MOVE_MOUNT_F_EMPTY_PATH))
                .label(why);
    }

    /** Opens a path in the root into a slot. */
    Op open(String path, int flags, Arg.Slot into, String why) {
        return openat2(root, path, flags | O_CLOEXEC, RESOLVE).save(into).label(why);
    }

    static Op openat2(Arg directory, String path, int flags, int resolve) {
        byte[] how = ByteBuffer.allocate(24)
                .order(ByteOrder.nativeOrder())
                .putLong(flags)
                .putLong(0)
                .putLong(resolve)
                .array();
        return Op.of(Call.OPENAT2, directory, text(path), Arg.bytes(how), number(how.length));
    }

    /** Opens a top-level directory of the root that must not be a symlink, made if it is missing, into {@link #target}. */
    void ordinaryDirectory(String name, String why) {
        int resolve = RESOLVE | RESOLVE_NO_SYMLINKS;
        int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        String label = why + ": \"/" + name + "\" must be a directory in the image";
        add(
                openat2(root, name, flags, resolve)
                        .save(target)
                        .tolerate(Errno.ENOENT)
                        .skipOnSuccess(2)
                        .label(label),
                Op.of(Call.MKDIRAT, root, text(name), number(0755)).label(label),
                openat2(root, name, flags, resolve).save(target).label(label));
    }

    /** Opens a path of the root into a slot, made with all above it if it is missing: a directory, or an empty file. */
    void openOrCreate(InsidePath path, boolean directory, Arg.Slot into, String why) {
        int flags = O_PATH | (directory ? O_DIRECTORY : 0);
        List<Op> making = new ArrayList<>();
        making.add(open("/", O_PATH | O_DIRECTORY, parents[0], why));
        int at = 0;
        for (int i = 1; i < path.names().size(); i++) {
            Arg.Slot above = parents[at];
            Arg.Slot below = parents[1 - at];
            making.add(open(path.prefix(i), O_PATH | O_DIRECTORY, below, why)
                    .tolerate(Errno.ENOENT)
                    .skipOnSuccess(2));
            making.add(Op.of(Call.MKDIRAT, above, text(path.names().get(i - 1)), number(0755))
                    .label(why));
            making.add(open(path.prefix(i), O_PATH | O_DIRECTORY, below, why));
            at = 1 - at;
        }
        if (!path.isRoot()) {
            String name = path.names().getLast();
            if (directory) {
                making.add(Op.of(Call.MKDIRAT, parents[at], text(name), number(0755))
                        .label(why));
            } else {
                int create = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
                making.add(Op.of(Call.OPENAT, parents[at], text(name), number(create), number(0644))
                        .save(scratch)
                        .label(why));
                making.add(Op.of(Call.CLOSE, scratch));
            }
        }
        making.add(open(path.toString(), flags, into, why));
        add(open(path.toString(), flags, into, why).tolerate(Errno.ENOENT).skipOnSuccess(making.size()));
        making.forEach(this::add);
    }

    /** The process that does this joins a cgroup. */
    Op[] join(Hierarchy hierarchy, CgroupPath where, String who) {
        return write(
                hierarchy.joining(where).toString(),
                "0",
                "place " + who + " in cgroup " + where + " of " + hierarchy.mountPoint());
    }

    /** Writes a short text to a file of the node's, as one of /proc or of a cgroup. */
    Op[] write(String hostPath, String value, String why, Errno... tolerated) {
        byte[] bytes = RawPath.bytes(value);
        return new Op[] {
            Op.of(Call.OPENAT, Arg.CWD, text(hostPath), number(O_WRONLY | O_CLOEXEC), NULL)
                    .save(scratch)
                    .tolerate(tolerated)
                    .skipOnError(2)
                    .label(why),
            Op.of(Call.WRITE, scratch, Arg.bytes(bytes), number(bytes.length))
                    .tolerate(tolerated)
                    .label(why),
            Op.of(Call.CLOSE, scratch)
        };
    }
}
