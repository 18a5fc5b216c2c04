package io.longshore.agent.linux.jna;

import static io.longshore.agent.linux.jna.Errors.check;

import com.sun.jna.Memory;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.MountAttributes;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.RawPath;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** mount(2) and the calls on mount descriptors. */
final class Mounts {
    private Mounts() {}

    static void mount(String source, String target, String type, long flags, String data) throws ErrnoException {
        byte[] from = RawPath.cString(source);
        byte[] to = RawPath.cString(target);
        byte[] fileSystem = RawPath.cString(type);
        byte[] options = RawPath.cString(data);
        check("mount", type + " on " + target, () -> SysMount.mount(from, to, fileSystem, flags, options));
    }

    static long openTree(Fd dir, String path, int flags) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        long all = flags | MountFlags.OPEN_TREE_CLOEXEC;
        return check("open_tree", path, () -> SysSyscall.syscall(Call.OPEN_TREE.number(), dir.number(), name, all));
    }

    static void moveMount(Fd from, String fromPath, Fd to, String toPath, int flags) throws ErrnoException {
        byte[] source = RawPath.cString(fromPath);
        byte[] target = RawPath.cString(toPath);
        check(
                "move_mount",
                toPath,
                () -> SysSyscall.syscall(Call.MOVE_MOUNT.number(), from.number(), source, to.number(), target, flags));
    }

    static long fsopen(String type) throws ErrnoException {
        byte[] name = RawPath.cString(type);
        return check("fsopen", type, () -> SysSyscall.syscall(Call.FSOPEN.number(), name, MountFlags.FSOPEN_CLOEXEC));
    }

    static void fsconfig(Fd context, String key, String value) throws ErrnoException {
        if (value.isEmpty()) {
            configure(context, MountFlags.FSCONFIG_SET_FLAG, key, null, 0);
        } else {
            configure(context, MountFlags.FSCONFIG_SET_STRING, key, RawPath.cString(value), 0);
        }
    }

    static void fsconfig(Fd context, String key, Fd value) throws ErrnoException {
        configure(context, MountFlags.FSCONFIG_SET_FD, key, null, value.number());
    }

    static long fsmount(Fd context, int attributes) throws ErrnoException {
        configure(context, MountFlags.FSCONFIG_CMD_CREATE, "", null, 0);
        int number = context.number();
        return check(
                "fsmount",
                "",
                () -> SysSyscall.syscall(Call.FSMOUNT.number(), number, MountFlags.FSMOUNT_CLOEXEC, attributes, 0));
    }

    static void setattr(Fd dir, String path, int flags, MountAttributes attributes) throws ErrnoException {
        byte[] name = RawPath.cString(path);
        long[] struct = {attributes.set(), attributes.clear(), attributes.propagation(), 0};
        check(
                "mount_setattr",
                path,
                () -> SysSyscall.syscall(
                        Call.MOUNT_SETATTR.number(), dir.number(), name, flags, struct, struct.length * 8L));
    }

    private static void configure(Fd context, int command, String key, byte @Nullable [] value, int auxiliary)
            throws ErrnoException {
        byte[] name = command == MountFlags.FSCONFIG_CMD_CREATE ? null : RawPath.cString(key);
        try {
            check(
                    "fsconfig",
                    key,
                    () -> SysSyscall.syscall(
                            Call.FSCONFIG.number(), context.number(), command, name, value, auxiliary));
        } catch (ErrnoException e) {
            throw new ErrnoException("fsconfig", (key + " " + log(context)).strip(), e.number());
        }
    }

    /** What the file system says about the failure: fsopen(2), reading the context gives one message per read. */
    private static String log(Fd context) {
        var messages = new StringBuilder();
        try (Memory memory = new Memory(1024)) {
            for (int i = 0; i < 8; i++) {
                int length = (int) check("read", "", () -> Unistd.read(context.number(), memory, memory.size()));
                byte[] bytes = memory.getByteArray(0, length);
                messages.append('(')
                        .append(new String(bytes, StandardCharsets.UTF_8).strip())
                        .append(") ");
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENODATA)) {
                messages.append("(no more: ").append(e.errno()).append(')');
            }
        }
        return messages.toString().strip();
    }
}
