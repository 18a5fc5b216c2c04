package io.longshore.agent.linux.path;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.AT_SYMLINK_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_CREAT;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_EXCL;
import static io.longshore.agent.linux.OpenFlags.O_NOCTTY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_NONBLOCK;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;
import static io.longshore.agent.linux.OpenFlags.O_WRONLY;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_IN_ROOT;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_MAGICLINKS;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directory tree whose content is hostile: an image's layer, a container's root. Paths are as seen from inside; absolute
 * and relative ones mean the same, {@code ..} stops at the root, symlinks (absolute ones too) are resolved inside the root by
 * the kernel (openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), whatever a container renames meanwhile. What is created
 * or changed is the path's last component itself, never what a symlink there points to.
 *
 * <p>Thread-safe as far as the tree is. The calls are short; a caller with many (unpacking a layer) should be on a platform
 * thread. Errors are {@link ErrnoException} with the path.
 */
public final class ContainerRoot implements AutoCloseable {
    private static final int RESOLVE = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    /** The kernel answers EAGAIN when a rename races with the lookup of "..": openat2(2). */
    private static final int RACE_ATTEMPTS = 128;

    private final Syscalls syscalls;
    private final Fd root;

    private ContainerRoot(Syscalls syscalls, Fd root) {
        this.syscalls = syscalls;
        this.root = root;
    }

    /** @param directory a host path that the agent made (or {@code /proc/PID/root}) */
    public static ContainerRoot open(Syscalls syscalls, String directory) throws ErrnoException {
        return new ContainerRoot(syscalls, syscalls.open(directory, O_PATH | O_DIRECTORY, 0));
    }

    /** @param root a directory's descriptor, which the new object closes with itself */
    public static ContainerRoot of(Syscalls syscalls, Fd root) {
        return new ContainerRoot(syscalls, root);
    }

    /** The root's own descriptor, still owned by this object. */
    public Fd fd() {
        return root;
    }

    /**
     * Opens a path inside the root, following symlinks unless flags has O_NOFOLLOW. Add O_NONBLOCK | O_NOCTTY unless the
     * file's type is known: a fifo would block and a terminal become the agent's own.
     */
    public Fd open(String path, int flags, int mode) throws ErrnoException {
        String inside = path.isEmpty() ? "." : path;
        for (int attempt = 1; ; attempt++) {
            try {
                return syscalls.openat2(root, inside, flags, mode, RESOLVE);
            } catch (ErrnoException e) {
                if (!e.is(Errno.EAGAIN) || attempt == RACE_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** The status of the path itself (a symlink is not followed); empty if nothing is there. */
    public Optional<FileStatus> status(String path) throws ErrnoException {
        try (Fd fd = open(path, O_PATH | O_NOFOLLOW, 0)) {
            return Optional.of(syscalls.statx(fd, "", AT_EMPTY_PATH));
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Where something that was opened through this root lies in it, without links, as the kernel tells it; empty when it lies there no
     * more. Good for a message and to find the mount, not to be opened again.
     */
    public Optional<String> locate(Fd opened) throws ErrnoException {
        String path = syscalls.readlinkat(Fd.CWD, opened.procPath());
        FileStatus wanted = syscalls.statx(opened, "", AT_EMPTY_PATH);
        return status(path)
                .filter(found -> found.inode() == wanted.inode() && found.mountId() == wanted.mountId())
                .map(found -> path);
    }

    /** A symlink's target, as stored. */
    public String target(String path) throws ErrnoException {
        try (Fd fd = open(path, O_PATH | O_NOFOLLOW, 0)) {
            return syscalls.readlinkat(fd, "");
        }
    }

    /**
     * A regular file's content, symlinks followed.
     *
     * @param limit in bytes; a larger file is refused with EFBIG, anything but a regular file with EINVAL
     */
    public byte[] read(String path, int limit) throws ErrnoException {
        // Looked at before it is opened: opening a device has effects, opening a fifo waits.
        try (Fd file = open(path, O_PATH, 0)) {
            if (!syscalls.statx(file, "", AT_EMPTY_PATH).isRegular()) {
                throw new ErrnoException("read", path + " (not a regular file)", Errno.EINVAL.number());
            }
            return content(file, path, limit);
        }
    }

    private byte[] content(Fd file, String path, int limit) throws ErrnoException {
        try (Fd fd = syscalls.open(file.procPath(), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)) {
            byte[] content = new byte[Math.min(limit, 8192)];
            int length = 0;
            while (true) {
                if (length == content.length) {
                    content = Arrays.copyOf(content, (int) Math.min(limit + 1L, content.length * 2L + 1));
                }
                int count = syscalls.read(fd, ByteBuffer.wrap(content, length, content.length - length));
                if (count == 0) {
                    return Arrays.copyOf(content, length);
                }
                length += count;
                if (length > limit) {
                    throw new ErrnoException("read", path + " (over " + limit + " bytes)", Errno.EFBIG.number());
                }
            }
        }
    }

    /** The names in a directory, which the caller closes. */
    public Listing list(String path, WalkMemory.Share memory) throws ErrnoException {
        return new Listing(syscalls, open(path, O_RDONLY | O_DIRECTORY, 0), memory);
    }

    /** Whether a directory has nothing in it. */
    public boolean isEmpty(String path) throws ErrnoException {
        try (Fd fd = open(path, O_RDONLY | O_DIRECTORY, 0)) {
            return syscalls.nextEntries(fd).isEmpty();
        }
    }

    /**
     * Creates a regular file, which must not exist, for the caller to fill and close; then give it its attributes with
     * {@link #apply}, since a write clears setuid.
     */
    public Fd createFile(String path) throws ErrnoException {
        try (Parent at = parent(path)) {
            return syscalls.openat2(at.fd, at.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, RESOLVE);
        }
    }

    /** Creates a directory, or takes the one that is there, and sets its attributes. A symlink there is EEXIST. */
    public void directory(String path, Attributes attributes) throws ErrnoException {
        try (Parent at = parent(path)) {
            try {
                syscalls.mkdirat(at.fd, at.name, 0700);
            } catch (ErrnoException e) {
                if (!e.is(Errno.EEXIST)
                        || !syscalls.statx(at.fd, at.name, AT_SYMLINK_NOFOLLOW).isDirectory()) {
                    throw e;
                }
            }
            apply(at, attributes);
        }
    }

    /** Creates the directories of a path that are missing, root's with mode 0755. Symlinks on the way are followed inside. */
    public void directories(String path) throws ErrnoException {
        var done = new StringBuilder();
        for (String name : components(path)) {
            done.append('/').append(name);
            String sub = done.toString();
            if (!isDirectory(sub)) {
                directory(sub, Attributes.ofMode(0755));
            }
        }
    }

    private boolean isDirectory(String path) throws ErrnoException {
        try {
            open(path, O_PATH | O_DIRECTORY, 0).close();
            return true;
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** Creates a symlink; its target is only text and never resolved here. */
    public void symlink(String path, String target, Attributes attributes) throws ErrnoException {
        try (Parent at = parent(path)) {
            syscalls.symlinkat(target, at.fd, at.name);
            apply(at, attributes);
        }
    }

    /** Creates a hard link at {@code path} to the file at {@code existing}, whose last component is not followed. */
    public void hardLink(String path, String existing) throws ErrnoException {
        try (Parent from = parent(existing);
                Parent to = parent(path)) {
            syscalls.linkat(from.fd, from.name, to.fd, to.name, 0);
        }
    }

    /** As {@link #hardLink}, to what has the name in a directory that is open; both names are single ones. */
    public void link(Fd directory, String existing, String name) throws ErrnoException {
        if (existing.indexOf('/') >= 0 || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("not single names: " + existing + ", " + name);
        }
        syscalls.linkat(directory, existing, root, name, 0);
    }

    /**
     * Creates a device, fifo or socket node.
     *
     * @param type OpenFlags.S_IFCHR, S_IFBLK, S_IFIFO or S_IFSOCK
     * @param device from {@link FileStatus#device}; 0 for a fifo
     */
    public void node(String path, int type, long device, Attributes attributes) throws ErrnoException {
        try (Parent at = parent(path)) {
            syscalls.mknodat(at.fd, at.name, (type & OpenFlags.S_IFMT) | 0600, device);
            apply(at, attributes);
        }
    }

    /** Sets owner, mode, extended attributes and times, in the order in which none undoes another. */
    public void apply(String path, Attributes attributes) throws ErrnoException {
        try (Parent at = parent(path)) {
            apply(at, attributes);
        }
    }

    /** Sets the access and modification time of the path itself, as for a directory after its content. */
    public void touch(String path, Instant modified) throws ErrnoException {
        try (Parent at = parent(path)) {
            syscalls.utimensat(at.fd, at.name, modified, modified, AT_SYMLINK_NOFOLLOW);
        }
    }

    /** An extended attribute of the path itself; empty if it has none by that name. */
    public Optional<byte[]> xattr(String path, String name) throws ErrnoException {
        try (Fd fd = open(path, O_PATH | O_NOFOLLOW, 0)) {
            return Optional.of(syscalls.getxattr(fd.procPath(), name));
        } catch (ErrnoException e) {
            if (e.is(Errno.ENODATA) || e.is(Errno.EOPNOTSUPP)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The names of all extended attributes of the path itself. */
    public List<String> xattrs(String path) throws ErrnoException {
        try (Fd fd = open(path, O_PATH | O_NOFOLLOW, 0)) {
            return syscalls.listxattr(fd.procPath());
        }
    }

    /** Moves {@code from} to {@code to} inside the root, where nothing may be: EEXIST. */
    public void rename(String from, String to) throws ErrnoException {
        try (Parent source = parent(from);
                Parent target = parent(to)) {
            syscalls.renameat2(source.fd, source.name, target.fd, target.name, OpenFlags.RENAME_NOREPLACE);
        }
    }

    /** Removes the path itself, a directory with all it holds, however deep. Nothing there is no error. Does not cross into symlinks. */
    public void remove(String path) throws ErrnoException {
        try (Parent at = parent(path)) {
            new TreeRemoval(syscalls).remove(at.fd, at.name);
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        root.close();
    }

    private void apply(Parent at, Attributes attributes) throws ErrnoException {
        try (Fd fd = syscalls.openat2(at.fd, at.name, O_PATH | O_NOFOLLOW, 0, RESOLVE)) {
            apply(fd, attributes);
        }
    }

    /** As {@link #apply(String, Attributes)}, to what is open, whatever has its name by now. */
    public void apply(Fd file, Attributes attributes) throws ErrnoException {
        String self = file.procPath();
        syscalls.fchownat(file, "", attributes.uid(), attributes.gid(), AT_EMPTY_PATH);
        if (!syscalls.statx(file, "", AT_EMPTY_PATH).isSymlink()) {
            syscalls.fchmodat(Fd.CWD, self, attributes.mode());
        }
        // After chown, which clears security.capability.
        for (Map.Entry<String, byte[]> xattr : attributes.xattrs().entrySet()) {
            syscalls.setxattr(self, xattr.getKey(), xattr.getValue());
        }
        if (attributes.modified() != null) {
            syscalls.utimensat(Fd.CWD, self, attributes.modified(), attributes.modified(), 0);
        }
    }

    private Parent parent(String path) throws ErrnoException {
        List<String> names = components(path);
        if (names.isEmpty() || names.getLast().equals("..")) {
            throw new ErrnoException("openat2", path + " (names no entry beneath the root)", Errno.EINVAL.number());
        }
        String above = String.join("/", names.subList(0, names.size() - 1));
        return new Parent(open(above, O_PATH | O_DIRECTORY, 0), names.getLast());
    }

    private static List<String> components(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    private record Parent(Fd fd, String name) implements AutoCloseable {
        @Override
        public void close() {
            fd.close();
        }
    }
}
