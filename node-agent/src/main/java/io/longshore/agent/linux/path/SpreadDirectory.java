package io.longshore.agent.linux.path;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory whose subdirectories have nothing to do with each other, as one for each container. The ext file systems then place each in
 * a block group of its own (chattr(1), T). Otherwise they all lie in one, where making a file looks at each inode number that was freed in
 * the last minutes: with ten containers a second that was a sixth of the machine's time.
 */
public final class SpreadDirectory {
    /** linux/fs.h, FS_TOPDIR_FL. */
    private static final int TOP_DIRECTORY = 0x00020000;

    private static final Logger LOG = LoggerFactory.getLogger(SpreadDirectory.class);

    private SpreadDirectory() {}

    /** Marks an existing directory; one on another kind of file system stays as it is. Thread-safe. */
    public static void mark(Syscalls syscalls, Path directory) {
        try (Fd opened = syscalls.open(directory.toString(), O_RDONLY | O_DIRECTORY, 0)) {
            syscalls.addInodeFlags(opened, TOP_DIRECTORY);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOTTY || e.errno() == Errno.EOPNOTSUPP) {
                LOG.debug("{} lies on a file system that does not spread directories", directory);
            } else {
                LOG.warn("{} cannot be marked as a directory to spread: {}", directory, e.toString());
            }
        }
    }
}
