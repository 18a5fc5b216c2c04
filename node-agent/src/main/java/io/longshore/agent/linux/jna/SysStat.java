package io.longshore.agent.linux.jna;

import com.sun.jna.Native;

/** sys/stat.h. */
final class SysStat {
    /** statx(2): everything a plain stat has, and the mount's id. */
    static final int STATX_BASIC_STATS_AND_MOUNT = 0x7ff | 0x1000;

    static {
        Native.register(SysStat.class, "c");
    }

    private SysStat() {}

    static native int mkdirat(int dir, byte[] path, int mode);

    static native int mknodat(int dir, byte[] path, int mode, long device);

    static native int fchmodat(int dir, byte[] path, int mode, int flags);

    static native int utimensat(int dir, byte[] path, long[] times, int flags);

    static native int statx(int dir, byte[] path, int flags, int mask, byte[] into);
}
