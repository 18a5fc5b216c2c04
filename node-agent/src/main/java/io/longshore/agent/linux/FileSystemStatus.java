package io.longshore.agent.linux;

/**
 * What statfs(2) says of a file system.
 *
 * @param type its magic number, as in linux/magic.h ({@link #CGROUP2} and so on)
 * @param blockSize in bytes, the unit of the three block counts
 * @param available blocks that a user without privileges may still take
 * @param files inodes in all; 0 where the file system has no fixed number
 */
public record FileSystemStatus(
        long type, long blockSize, long blocks, long free, long available, long files, long freeFiles) {
    public static final long OVERLAY = 0x794c7630L;
    public static final long EXT4 = 0xef53L;
    public static final long XFS = 0x58465342L;
    public static final long BTRFS = 0x9123683eL;
    public static final long TMPFS = 0x01021994L;
    public static final long CGROUP2 = 0x63677270L;
    public static final long PROC = 0x9fa0L;
    public static final long NSFS = 0x6e736673L;

    public long availableBytes() {
        return available * blockSize;
    }
}
