package io.longshore.agent.linux.jna;

import com.sun.jna.Native;

/** sys/mount.h and sched.h. */
final class SysMount {
    static {
        Native.register(SysMount.class, "c");
    }

    private SysMount() {}

    static native int mount(byte[] source, byte[] target, byte[] type, long flags, byte[] data);

    static native int umount2(byte[] target, int flags);

    static native int unshare(int flags);

    static native int setns(int fd, int type);
}
