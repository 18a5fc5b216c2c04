package io.longshore.agent.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** unistd.h (on the 64-bit machines we run on, size_t and off_t are long), and stdio.h's renameat2, sys/vfs.h's statfs, sys/file.h's flock, which have one call each. */
final class Unistd {
    static final int LOCK_EX_NB = 2 | 4;

    static {
        Native.register(Unistd.class, "c");
    }

    private Unistd() {}

    static native int close(int fd);

    static native long read(int fd, Pointer into, long count);

    static native long pread(int fd, Pointer into, long count, long offset);

    static native long write(int fd, Pointer from, long count);

    static native long lseek(int fd, long offset, int whence);

    static native int ftruncate(int fd, long size);

    static native int fsync(int fd);

    static native int syncfs(int fd);

    static native int flock(int fd, int operation);

    static native int symlinkat(byte[] target, int dir, byte[] path);

    static native int linkat(int from, byte[] fromPath, int to, byte[] toPath, int flags);

    static native int unlinkat(int dir, byte[] path, int flags);

    static native int renameat2(int from, byte[] fromPath, int to, byte[] toPath, int flags);

    static native long readlinkat(int dir, byte[] path, byte[] into, long size);

    static native int fchownat(int dir, byte[] path, int uid, int gid, int flags);

    static native int statfs(byte[] path, long[] into);
}
