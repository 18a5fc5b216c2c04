package io.longshore.agent.linux;

import java.time.Instant;

/**
 * What statx(2) says of a file.
 *
 * @param mode type and permission bits, as {@link OpenFlags#S_IFMT} cuts them
 * @param inode number on its file system
 * @param links hard links
 * @param device of the file system, in the encoding of {@link #device(int, int)}
 * @param rdev of a device node, 0 otherwise, same encoding
 * @param mountId as in /proc/self/mountinfo
 */
public record FileStatus(
        int mode,
        int uid,
        int gid,
        long size,
        long inode,
        long links,
        long blocks,
        long device,
        long rdev,
        Instant accessed,
        Instant modified,
        Instant changed,
        long mountId) {

    public int type() {
        return mode & OpenFlags.S_IFMT;
    }

    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return type() == OpenFlags.S_IFDIR;
    }

    public boolean isRegular() {
        return type() == OpenFlags.S_IFREG;
    }

    public boolean isSymlink() {
        return type() == OpenFlags.S_IFLNK;
    }

    /** A device number as mknod(2) takes it (makedev(3), glibc's 64-bit encoding). */
    public static long device(int major, int minor) {
        return ((major & 0xfffff000L) << 32)
                | ((major & 0xfffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0xffL);
    }

    public static int major(long device) {
        return (int) (((device >>> 32) & 0xfffff000L) | ((device >>> 8) & 0xfffL));
    }

    public static int minor(long device) {
        return (int) (((device >>> 12) & 0xffffff00L) | (device & 0xffL));
    }
}
