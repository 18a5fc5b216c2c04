package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOCTTY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_NONBLOCK;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.Attributes;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.Listing;
import io.longshore.agent.linux.path.WalkMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Copies a tree that nobody changes meanwhile: content, with the blocks shared where the file system can (ioctl_ficlone(2)) and holes kept,
 * owners, modes, times, extended attributes but those of {@code trusted.}, hard links, devices, pipes and sockets. Each directory is opened
 * from the one above it, and no link is followed. What the target has already stays; directories of both are joined. For one copy, on a
 * platform thread.
 */
public final class TreeCopy {
    /** As deep as a layer may be. */
    private static final int MAX_DEPTH = 1000;
    /** What a remembered file with several names takes beside its name: an entry of the map, a key, a string and its array. */
    private static final long REMEMBERED_OVERHEAD = 144;
    /** A longer path could not be opened; such a file is written once per name. */
    private static final int LONGEST_PATH = 4000;

    /** What there is to be passed over, by its path in the source without a slash in front. */
    public interface Hidden {
        /** Nothing of it is copied. */
        boolean hides(String path);

        /** Nothing of what is in it is copied. */
        boolean hidesContent(String directory);
    }

    private static final Hidden NOTHING = new Hidden() {
        @Override
        public boolean hides(String path) {
            return false;
        }

        @Override
        public boolean hidesContent(String directory) {
            return false;
        }
    };

    private record Inode(long device, long number) {}

    private final Syscalls syscalls;
    private final WalkMemory.Share memory;
    private final Hidden hidden;
    private final Map<Inode, String> linked = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(128 << 10);
    /** Where the copy is: one for all depths, since a thousand names within each other are long. */
    private final StringBuilder path = new StringBuilder();

    private @Nullable ContainerRoot top;
    private boolean sharesBlocks = true;

    /** @param memory for files with several names */
    public TreeCopy(Syscalls syscalls, WalkMemory.Share memory) {
        this(syscalls, memory, NOTHING);
    }

    /** A copy of what is not hidden. */
    public TreeCopy(Syscalls syscalls, WalkMemory.Share memory, Hidden hidden) {
        this.syscalls = syscalls;
        this.memory = memory;
        this.hidden = hidden;
    }

    /** Copies what is in a directory into another one, an empty one that becomes the same in everything. */
    public void copy(ContainerRoot source, ContainerRoot target) throws IOException {
        content(source, target, false);
        target.apply(target.fd(), attributes(source, ".", present(source, ".")));
    }

    /** Copies what is in a directory into another one as far as that lacks it; the other's own attributes and times stay. */
    public void copyBeneath(ContainerRoot source, ContainerRoot target) throws IOException {
        Attributes own = attributes(target, ".", present(target, "."));
        if (!hidden.hidesContent("")) {
            content(source, target, true);
        }
        target.apply(target.fd(), own);
    }

    /** A directory on the way down: a list of them and no calls within calls, for which a thread's stack would be too small. */
    private final class Level implements AutoCloseable {
        final ContainerRoot source;
        final ContainerRoot target;
        /** Whether the target may have something in it. */
        final boolean joined;
        /** What the directory itself gets when all in it is done. */
        final Attributes attributes;

        final int length = path.length();
        private final Listing listing;
        private Iterator<String> run = Collections.emptyIterator();

        Level(ContainerRoot source, ContainerRoot target, boolean joined, Attributes attributes) throws ErrnoException {
            this.source = source;
            this.target = target;
            this.joined = joined;
            this.attributes = attributes;
            this.listing = source.list(".", memory);
        }

        @Nullable
        String next() throws ErrnoException {
            if (!run.hasNext()) {
                run = listing.next().iterator();
            }
            return run.hasNext() ? run.next() : null;
        }

        @Override
        public void close() {
            listing.close();
            source.close();
            target.close();
        }
    }

    private void content(ContainerRoot source, ContainerRoot target, boolean joined) throws IOException {
        Deque<Level> levels = new ArrayDeque<>();
        top = target;
        try {
            levels.push(inside(source, target, ".", joined, Attributes.ofMode(0)));
            while (!levels.isEmpty()) {
                Level level = levels.element();
                path.setLength(level.length);
                String name = level.next();
                if (name == null) {
                    levels.pop();
                    try (level) {
                        if (!levels.isEmpty()) {
                            level.target.apply(level.target.fd(), level.attributes);
                        }
                    }
                    continue;
                }
                path.append(level.length == 0 ? "" : "/").append(name);
                Level inside = hidden.hides(path.toString()) ? null : entry(level, name);
                if (inside != null) {
                    levels.push(inside);
                    checkDepth(levels.size());
                }
            }
        } finally {
            levels.forEach(Level::close);
        }
    }

    private void checkDepth(int depth) throws ErrnoException {
        if (depth > MAX_DEPTH) {
            String start = path.substring(0, Math.min(path.length(), 100));
            throw new ErrnoException("copy", start + "... (nested too deeply)", Errno.ELOOP.number());
        }
    }

    /** Copies what has a name; of a directory it answers what is in it, to be gone through next, if anything. */
    private @Nullable Level entry(Level level, String name) throws IOException {
        FileStatus status = present(level.source, name);
        Optional<FileStatus> there = level.joined ? level.target.status(name) : Optional.empty();
        if (there.isPresent()) {
            boolean both = status.isDirectory() && there.get().isDirectory();
            return both && !hidden.hidesContent(path.toString())
                    ? inside(level.source, level.target, name, true, attributes(level.target, name, there.get()))
                    : null;
        }
        if (status.isDirectory()) {
            level.target.directory(name, Attributes.ofMode(0700));
            return inside(level.source, level.target, name, false, attributes(level.source, name, status));
        }
        if (status.links() < 2 || !link(level.target, name, status)) {
            file(level.source, level.target, name, status);
        }
        return null;
    }

    private Level inside(ContainerRoot from, ContainerRoot to, String name, boolean joined, Attributes attributes)
            throws IOException {
        ContainerRoot source = directory(from, name);
        try {
            ContainerRoot target = directory(to, name);
            try {
                return new Level(source, target, joined, attributes);
            } catch (ErrnoException | RuntimeException e) {
                target.close();
                throw e;
            }
        } catch (ErrnoException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private ContainerRoot directory(ContainerRoot at, String name) throws ErrnoException {
        return ContainerRoot.of(syscalls, at.open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
    }

    /** Links a file to the name that it was copied under first; false when this is the first. */
    private boolean link(ContainerRoot target, String name, FileStatus status) throws IOException {
        Inode inode = new Inode(status.device(), status.inode());
        String first = linked.get(inode);
        ContainerRoot root = top;
        if (first == null || root == null) {
            if (path.length() < LONGEST_PATH) {
                memory.take(REMEMBERED_OVERHEAD + 2L * path.length(), "the files with several names in the image");
                linked.put(inode, path.toString());
            }
            return false;
        }
        int slash = first.lastIndexOf('/');
        try (Fd above = root.open(first.substring(0, Math.max(slash, 0)), O_PATH | O_DIRECTORY, 0)) {
            target.link(above, first.substring(slash + 1), name);
        }
        return true;
    }

    private void file(ContainerRoot source, ContainerRoot target, String name, FileStatus status) throws IOException {
        Attributes attributes = attributes(source, name, status);
        switch (status.type()) {
            case OpenFlags.S_IFREG -> {
                try (Fd to = target.createFile(name)) {
                    if (status.size() > 0) {
                        data(source, name, status, to);
                    }
                    target.apply(to, attributes);
                }
            }
            case OpenFlags.S_IFLNK -> target.symlink(name, source.target(name), attributes);
            case OpenFlags.S_IFCHR, OpenFlags.S_IFBLK, OpenFlags.S_IFIFO, OpenFlags.S_IFSOCK ->
                target.node(name, status.type(), status.rdev(), attributes);
            default -> throw new ErrnoException("copy", name + " (unknown type)", Errno.EINVAL.number());
        }
    }

    private void data(ContainerRoot source, String name, FileStatus status, Fd to) throws IOException {
        try (Fd from = source.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0)) {
            if (sharesBlocks && sharedBlocks(from, to)) {
                return;
            }
            boolean holes = status.blocks() * 512 < status.size();
            if (holes) {
                copyData(from, to, status.size());
            } else {
                copyUpTo(from, to, Long.MAX_VALUE);
            }
        }
    }

    private boolean sharedBlocks(Fd from, Fd to) throws ErrnoException {
        try {
            syscalls.cloneContent(from, to);
            return true;
        } catch (ErrnoException e) {
            boolean never = switch (e.errno()) {
                case EOPNOTSUPP, EXDEV, EINVAL, ENOTTY, ENOSYS -> true;
                default -> false;
            };
            if (!never) {
                throw e;
            }
            sharesBlocks = false; // nor can the next file
            return false;
        }
    }

    /** The parts of a file that are no holes. */
    private void copyData(Fd from, Fd to, long size) throws ErrnoException {
        long hole = 0;
        while (hole < size) {
            long data;
            try {
                data = syscalls.lseek(from, hole, OpenFlags.SEEK_DATA);
            } catch (ErrnoException e) {
                if (e.is(Errno.ENXIO)) {
                    break;
                }
                throw e;
            }
            hole = syscalls.lseek(from, data, OpenFlags.SEEK_HOLE);
            syscalls.lseek(from, data, OpenFlags.SEEK_SET);
            syscalls.lseek(to, data, OpenFlags.SEEK_SET);
            copyUpTo(from, to, hole - data);
        }
        syscalls.ftruncate(to, size);
    }

    private void copyUpTo(Fd from, Fd to, long most) throws ErrnoException {
        for (long left = most; left > 0; ) {
            buffer.clear().limit((int) Math.min(left, buffer.capacity()));
            int count = syscalls.read(from, buffer);
            if (count == 0) {
                return;
            }
            left -= count;
            buffer.flip();
            while (buffer.hasRemaining()) {
                syscalls.write(to, buffer);
            }
        }
    }

    private static FileStatus present(ContainerRoot at, String name) throws ErrnoException {
        return at.status(name).orElseThrow(() -> new ErrnoException("copy", name, Errno.ENOENT.number()));
    }

    /** What a copy of a file gets beside its content. */
    static Attributes attributes(ContainerRoot source, String name, FileStatus status) throws ErrnoException {
        Map<String, byte[]> kept = status.isSymlink() ? Map.of() : extendedAttributes(source, name);
        return new Attributes(status.uid(), status.gid(), status.permissions(), status.modified(), kept);
    }

    /** The extended attributes that a copy of a file gets: none where the file system has none. */
    public static Map<String, byte[]> extendedAttributes(ContainerRoot source, String name) throws ErrnoException {
        Map<String, byte[]> kept = new HashMap<>();
        try {
            for (String attribute : source.xattrs(name)) {
                if (!attribute.startsWith("trusted.")) {
                    source.xattr(name, attribute).ifPresent(value -> kept.put(attribute, value));
                }
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.EOPNOTSUPP)) {
                throw e;
            }
        }
        return kept;
    }
}
