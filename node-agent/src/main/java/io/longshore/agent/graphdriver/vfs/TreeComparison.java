package io.longshore.agent.graphdriver.vfs;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOCTTY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_NONBLOCK;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.graphdriver.ChangeListener.Kind;
import io.longshore.agent.graphdriver.TarEntries;
import io.longshore.agent.graphdriver.TreeCopy;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.Listing;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a container has changed in its copy of an image, which it may be changing. Whatever changes a file sets its change time,
 * which nobody can set back: a file that has not been changed since the copy was made and looks like the image's is the image's. One that
 * looks like it and has been changed since is compared in content and attributes. Each directory is opened from the one above it, following
 * no link, in both trees at once. For one walk.
 */
final class TreeComparison {
    /** As deep as a layer may be. */
    private static final int MAX_DEPTH = 1000;

    private static final int BUFFER = 64 << 10;

    /** Hears of each change, a directory before what is in it; a directory is changed when anything in it is. */
    interface Visit {
        /**
         * One change.
         *
         * @param at the directory that the name is in, of the container
         * @param path absolute in the container
         * @param status as it is now; null of what was deleted
         */
        void changed(Kind kind, ContainerRoot at, String name, String path, @Nullable FileStatus status)
                throws IOException;

        /** Called for each name before it is looked at. */
        default void passing() {}
    }

    private final Syscalls syscalls;
    private final WalkMemory.Share memory;
    private final Instant made;
    private final Visit visit;
    private final StringBuilder path = new StringBuilder();
    private final List<Level> levels = new ArrayList<>();
    private final ByteBuffer one = ByteBuffer.allocate(BUFFER);
    private final ByteBuffer other = ByteBuffer.allocate(BUFFER);
    /** @param made when the copy was */
    TreeComparison(Syscalls syscalls, WalkMemory.Share memory, Instant made, Visit visit) {
        this.syscalls = syscalls;
        this.memory = memory;
        this.made = made;
        this.visit = visit;
    }

    /** A directory on the way down: a list of them and no calls within calls, for which a thread's stack would be too small. */
    private final class Level implements AutoCloseable {
        final @Nullable ContainerRoot image;
        final ContainerRoot own;
        /** As it was found; null of the root, which is never told. */
        final @Nullable Found found;

        final int length = path.length();
        /** Whether the directory itself has been told. */
        boolean told;

        private @Nullable Listing listing;
        private boolean deletions;
        private Iterator<String> run = Collections.emptyIterator();

        Level(@Nullable ContainerRoot image, ContainerRoot own, @Nullable Found found, boolean told)
                throws ErrnoException {
            this.image = image;
            this.own = own;
            this.found = found;
            this.told = told;
            this.deletions = image != null;
            this.listing = (image == null ? own : image).list(".", memory);
        }

        /** Whether the names that come are the image's, of which those are looked for that are no more; then come the container's. */
        boolean deletions() {
            return deletions;
        }

        @Nullable
        String next() throws ErrnoException {
            while (listing != null && !run.hasNext()) {
                run = listing.next().iterator();
                if (!run.hasNext()) {
                    listing.close();
                    listing = deletions ? own.list(".", memory) : null;
                    deletions = false;
                }
            }
            return run.hasNext() ? run.next() : null;
        }

        @Override
        public void close() {
            if (listing != null) {
                listing.close();
            }
            if (image != null) {
                image.close();
            }
            own.close();
        }
    }

    private record Found(ContainerRoot at, String name, FileStatus status) {}

    /** Goes through both trees. The roots' own attributes count for nothing. */
    void walk(ContainerRoot image, ContainerRoot own) throws IOException {
        try {
            enter(image, ".", directory(own, "."), null, true);
            while (!levels.isEmpty()) {
                Level level = levels.getLast();
                path.setLength(level.length);
                String name = level.next();
                if (name == null) {
                    levels.removeLast().close();
                    continue;
                }
                visit.passing();
                path.append('/').append(name);
                if (level.deletions()) {
                    if (level.own.status(name).isEmpty()) {
                        tell(Kind.DELETED, level.own, name, null);
                    }
                } else {
                    Optional<FileStatus> found = level.own.status(name);
                    if (found.isPresent()) {
                        compare(level, new Found(level.own, name, found.get()));
                    }
                }
            }
        } finally {
            levels.forEach(Level::close);
        }
    }

    private void compare(Level level, Found found) throws IOException {
        FileStatus status = found.status;
        ContainerRoot image = level.image;
        Optional<FileStatus> before = image == null ? Optional.empty() : image.status(found.name);
        boolean told = true;
        if (image == null || before.isEmpty()) {
            tell(Kind.ADDED, found.at, found.name, status);
        } else if (looksDifferent(before.get(), status)
                || (!status.changed().isBefore(made) && differs(image, found.at, found.name, status))) {
            tell(Kind.MODIFIED, found.at, found.name, status);
        } else {
            told = false;
        }
        if (status.isDirectory()) {
            boolean both = before.filter(FileStatus::isDirectory).isPresent();
            enter(both ? image : null, found, told);
        }
    }

    private void enter(@Nullable ContainerRoot image, Found found, boolean told) throws IOException {
        if (levels.size() > MAX_DEPTH) {
            throw new Failure.Invalid("cannot read the container's layer: more than " + MAX_DEPTH
                    + " directories within each other at " + path.substring(0, Math.min(path.length(), 100)) + "...");
        }
        ContainerRoot own;
        try {
            own = directory(found.at, found.name);
        } catch (ErrnoException e) {
            if (TarEntries.gone(e)) {
                return;
            }
            throw e;
        }
        enter(image, found.name, own, found, told);
    }

    private void enter(
            @Nullable ContainerRoot image, String name, ContainerRoot own, @Nullable Found found, boolean told)
            throws IOException {
        ContainerRoot below = null;
        try {
            below = image == null ? null : directory(image, name);
            levels.add(new Level(below, own, found, told));
        } catch (ErrnoException | RuntimeException e) {
            own.close();
            if (below != null) {
                below.close();
            }
            throw e;
        }
    }

    private void tell(Kind kind, ContainerRoot at, String name, @Nullable FileStatus status) throws IOException {
        int first = levels.size();
        while (first > 0 && !levels.get(first - 1).told) {
            first--;
        }
        for (Level untold : levels.subList(first, levels.size())) {
            untold.told = true;
            Found above = untold.found;
            if (above != null) {
                visit.changed(Kind.MODIFIED, above.at, above.name, path.substring(0, untold.length), above.status);
            }
        }
        visit.changed(kind, at, name, path.toString(), status);
    }

    private static boolean looksDifferent(FileStatus image, FileStatus own) {
        boolean same = image.mode() == own.mode()
                && image.uid() == own.uid()
                && image.gid() == own.gid()
                && image.rdev() == own.rdev()
                && image.modified().equals(own.modified());
        boolean sameFile = own.isDirectory() || (image.size() == own.size() && image.links() == own.links());
        return !same || !sameFile;
    }

    private boolean differs(ContainerRoot image, ContainerRoot own, String name, FileStatus status) throws IOException {
        try {
            if (status.isSymlink()) {
                return !image.target(name).equals(own.target(name));
            }
            return !equal(TreeCopy.extendedAttributes(image, name), TreeCopy.extendedAttributes(own, name))
                    || (status.isRegular() && !sameContent(image, own, name));
        } catch (ErrnoException e) {
            if (TarEntries.gone(e)) {
                return true;
            }
            throw e;
        }
    }

    private static boolean equal(Map<String, byte[]> one, Map<String, byte[]> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream()
                        .allMatch(entry -> Arrays.equals(entry.getValue(), other.get(entry.getKey())));
    }

    private boolean sameContent(ContainerRoot image, ContainerRoot own, String name) throws IOException {
        try (Fd before = content(image, name);
                Fd now = content(own, name)) {
            // By position in both: reads may be shorter than asked for.
            for (long at = 0; ; at += one.limit()) {
                fill(before, one, at);
                fill(now, other, at);
                if (!one.equals(other)) {
                    return false;
                }
                if (one.limit() == 0) {
                    return true;
                }
            }
        }
    }

    private void fill(Fd file, ByteBuffer buffer, long offset) throws ErrnoException {
        buffer.clear();
        while (buffer.hasRemaining() && syscalls.pread(file, buffer, offset + buffer.position()) > 0) {
            visit.passing();
        }
        buffer.flip();
    }

    /** What is told to be a regular file may be a pipe by now: it is looked at before it is opened. */
    private Fd content(ContainerRoot at, String name) throws ErrnoException {
        try (Fd file = at.open(name, O_PATH | O_NOFOLLOW, 0)) {
            if (!syscalls.statx(file, "", AT_EMPTY_PATH).isRegular()) {
                throw new ErrnoException("open", name + " (replaced)", Errno.ENOENT.number());
            }
            return syscalls.open(file.procPath(), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        }
    }

    private ContainerRoot directory(ContainerRoot at, String name) throws ErrnoException {
        return ContainerRoot.of(syscalls, at.open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
    }
}
