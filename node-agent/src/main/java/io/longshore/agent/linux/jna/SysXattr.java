package io.longshore.agent.linux.jna;

import com.sun.jna.Native;

/** sys/xattr.h. */
final class SysXattr {
    static {
        Native.register(SysXattr.class, "c");
    }

    private SysXattr() {}

    static native int setxattr(byte[] path, byte[] name, byte[] value, long size, int flags);

    static native long getxattr(byte[] path, byte[] name, byte[] into, long size);

    static native long listxattr(byte[] path, byte[] into, long size);

    static native int removexattr(byte[] path, byte[] name);
}
