package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.OpenFlags.AT_SYMLINK_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Sums up the files of a tree that a container may be changing meanwhile. Each directory is opened from the descriptor of the one above
 * and no link is followed; what is gone when its turn comes counts nothing. A file with several names counts once.
 */
public final class TreeSize {
    /** Directories within directories; each holds a descriptor while it is walked. What lies deeper is not counted. */
    private static final int MAX_DEPTH = 256;
    /** What a remembered file takes: a number, and its entry in the set. */
    private static final long REMEMBERED = 64;

    private final Syscalls syscalls;
    private final Path tree;
    private final long deadline;
    private final WalkMemory.Share memory;
    private final Set<Long> seen = new HashSet<>();
    private long bytes;

    private TreeSize(Syscalls syscalls, Path tree, Duration limit, WalkMemory.Share memory) {
        this.syscalls = syscalls;
        this.tree = tree;
        this.deadline = System.nanoTime() + limit.toNanos();
        this.memory = memory;
    }

    /**
     * Bytes of all files in the tree; for long, so on a platform thread.
     *
     * @param tree a directory that the agent made; 0 when it is gone
     * @param memory for files with several names; when there is no more, such a file may count more than once
     * @throws Failure.DeadlineExceeded when the limit passes before the end
     */
    public static long of(Syscalls syscalls, Path tree, Duration limit, WalkMemory memory) throws ErrnoException {
        try (WalkMemory.Share share = memory.share()) {
            TreeSize size = new TreeSize(syscalls, tree, limit, share);
            size.walk(Fd.CWD, tree.toString(), 0);
            return size.bytes;
        }
    }

    private void walk(Fd above, String name, int depth) throws ErrnoException {
        try (Fd directory = syscalls.openat2(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0)) {
            List<String> block = syscalls.nextEntries(directory);
            while (!block.isEmpty()) {
                for (String entry : block) {
                    add(directory, entry, depth);
                }
                block = syscalls.nextEntries(directory);
            }
        } catch (ErrnoException e) {
            if (!gone(e)) {
                throw e;
            }
        }
    }

    private void add(Fd directory, String entry, int depth) throws ErrnoException {
        if (System.nanoTime() - deadline > 0) {
            throw new Failure.DeadlineExceeded(
                    "deadline exceeded: " + tree + " has too many files to be measured in time");
        }
        FileStatus status;
        try {
            status = syscalls.statx(directory, entry, AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            if (gone(e)) {
                return;
            }
            throw e;
        }
        if (!status.isDirectory()) {
            bytes += status.links() > 1 && isCounted(status.inode()) ? 0 : status.size();
        } else if (depth < MAX_DEPTH) {
            walk(directory, entry, depth + 1);
        }
    }

    private boolean isCounted(long inode) {
        if (seen.contains(inode)) {
            return true;
        }
        if (memory.tryTake(REMEMBERED)) {
            seen.add(inode);
        }
        return false;
    }

    /** Removed, or replaced by something that is no directory, since its name was read. */
    private static boolean gone(ErrnoException e) {
        return e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP);
    }
}
