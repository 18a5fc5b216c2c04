package io.longshore.agent.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * unistd.h's syscall(2), for calls that glibc 2.36 has no wrapper for: one overload per shape of arguments. Every argument is
 * a machine word or a pointer, which the 64-bit calling conventions pass alike.
 */
final class SysSyscall {
    static {
        Native.register(SysSyscall.class, "c");
    }

    private SysSyscall() {}

    /** pidfd_open, pidfd_send_signal, fsmount, ioctl with a number. */
    static native long syscall(long number, long a, long b, long c, long d);

    /** openat2: directory, path, struct open_how, its size. */
    static native long syscall(long number, long dir, byte[] path, long[] how, long size);

    /** getdents64: directory, buffer, its size. */
    static native long syscall(long number, long dir, byte[] into, int size);

    /** ioctl: file, request, what it reads or writes. */
    static native long syscall(long number, long fd, long request, int[] argument);

    /** open_tree: directory, path, flags. */
    static native long syscall(long number, long dir, byte[] path, long flags);

    /** fsopen, memfd_create: name, flags. */
    static native long syscall(long number, byte[] name, long flags);

    /** fsconfig: context, command, key, value, auxiliary. */
    static native long syscall(
            long number, long fd, long command, byte @Nullable [] key, byte @Nullable [] value, long auxiliary);

    /** move_mount: from, path, to, path, flags. */
    static native long syscall(long number, long from, byte[] fromPath, long to, byte[] toPath, long flags);

    /** bpf: command, union bpf_attr, its size. */
    static native long syscall(long number, long command, Pointer attributes, long size);

    /** mount_setattr: directory, path, flags, struct mount_attr, its size. */
    static native long syscall(long number, long dir, byte[] path, long flags, long[] attributes, long size);
}
