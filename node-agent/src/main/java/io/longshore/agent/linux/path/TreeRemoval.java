package io.longshore.agent.linux.path;

import static io.longshore.agent.linux.OpenFlags.AT_REMOVEDIR;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Removes what a container filled, and may still be changing. Every step goes through the descriptor of the directory that holds the entry
 * and follows no link, so swapping a directory for a link cannot lead it outside. A tree deeper than {@link #MAX_DEPTH} is cut: the deep
 * part moves up to the tree's own top and goes from there in the next round, so that no depth exhausts stack or descriptors.
 */
public final class TreeRemoval {
    private static final int MAX_DEPTH = 64;
    /** Four million levels; what is deeper, or changes all the time, is less deep when somebody tries again. */
    private static final int MAX_ROUNDS = 1 << 16;

    private final Syscalls syscalls;

    TreeRemoval(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /**
     * Removes a tree, or nothing when it is not there; for long, so on a platform thread.
     *
     * @param tree in a directory of the agent's own
     */
    public static void remove(Syscalls syscalls, Path tree) throws ErrnoException {
        try (Fd above = syscalls.open(tree.resolveSibling(".").toString(), O_PATH | O_DIRECTORY, 0)) {
            new TreeRemoval(syscalls).remove(above, String.valueOf(tree.getFileName()));
        }
    }

    /** Removes the entry, a directory with all it holds; nothing happens when it is not there. */
    void remove(Fd directory, String name) throws ErrnoException {
        for (int round = 1; ; round++) {
            try {
                remove(directory, name, null, 0);
                return;
            } catch (ErrnoException e) {
                if (e.is(Errno.ENOENT)) {
                    return;
                }
                if (!changed(e) || round == MAX_ROUNDS) {
                    throw e;
                }
            }
        }
    }

    private void remove(Fd directory, String name, @Nullable Fd top, int depth) throws ErrnoException {
        try {
            syscalls.unlinkat(directory, name, 0);
            return;
        } catch (ErrnoException e) {
            if (!e.is(Errno.EISDIR)) {
                throw e;
            }
        }
        if (top != null && depth > MAX_DEPTH) {
            syscalls.renameat2(directory, name, top, UUID.randomUUID().toString(), 0);
            return;
        }
        try (Fd inside = syscalls.openat2(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0)) {
            empty(inside, top == null ? inside : top, depth);
        }
        syscalls.unlinkat(directory, name, AT_REMOVEDIR);
    }

    private void empty(Fd inside, Fd top, int depth) throws ErrnoException {
        List<String> block = syscalls.nextEntries(inside);
        while (!block.isEmpty()) {
            for (String entry : block) {
                try {
                    remove(inside, entry, top, depth + 1);
                } catch (ErrnoException e) {
                    if (!changed(e)) {
                        throw e;
                    }
                }
            }
            block = syscalls.nextEntries(inside);
        }
    }

    /** Something was moved to the top, or somebody removed, replaced or filled it meanwhile: the next round sees what is there then. */
    private static boolean changed(ErrnoException e) {
        return e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP) || e.is(Errno.ENOTEMPTY);
    }
}
