package io.longshore.agent.files;

import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;

/** A file's type and permissions in the bits of Go's {@code io/fs.FileMode}, in which the Engine API tells them. */
final class FileMode {
    private static final long DIRECTORY = 1L << 31;
    private static final long SYMLINK = 1L << 27;
    private static final long DEVICE = 1L << 26;
    private static final long NAMED_PIPE = 1L << 25;
    private static final long SOCKET = 1L << 24;
    private static final long SETUID = 1L << 23;
    private static final long SETGID = 1L << 22;
    private static final long CHARACTER_DEVICE = 1L << 21;
    private static final long STICKY = 1L << 20;

    private FileMode() {}

    static long of(FileStatus status) {
        long mode = status.permissions() & 0777;
        mode |= switch (status.type()) {
            case OpenFlags.S_IFDIR -> DIRECTORY;
            case OpenFlags.S_IFLNK -> SYMLINK;
            case OpenFlags.S_IFBLK -> DEVICE;
            case OpenFlags.S_IFCHR -> DEVICE | CHARACTER_DEVICE;
            case OpenFlags.S_IFIFO -> NAMED_PIPE;
            case OpenFlags.S_IFSOCK -> SOCKET;
            default -> 0;
        };
        mode |= (status.permissions() & 04000) == 0 ? 0 : SETUID;
        mode |= (status.permissions() & 02000) == 0 ? 0 : SETGID;
        return mode | ((status.permissions() & 01000) == 0 ? 0 : STICKY);
    }
}
