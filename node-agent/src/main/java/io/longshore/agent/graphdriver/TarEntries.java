package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
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
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.oci.tar.TarHeader;
import io.longshore.oci.tar.TarWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes files of a container as entries of a tar stream while the container may be changing them. Each is opened once, without following
 * a link, and all that is told of it comes from that descriptor; devices and pipes are described, never opened. A file with several names
 * is written once and linked after that. Not thread-safe; on a platform thread.
 */
public final class TarEntries {
    /** What a remembered file takes beside its name: an entry of the map, a key, a string and its array. */
    private static final long REMEMBERED_OVERHEAD = 128;

    private final Syscalls syscalls;
    private final TarWriter tar;
    private final WalkMemory.Share memory;
    private final Map<Inode, String> linked = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(128 << 10);
    private final byte[] chunk = new byte[128 << 10];
    private boolean any;

    private record Inode(long device, long number) {}

    /**
     * Entries of one archive, which the caller flushes and closes.
     *
     * @param memory the caller's, for files with several names; when there is no more, such a file is written once per name
     */
    public TarEntries(Syscalls syscalls, OutputStream archive, WalkMemory.Share memory) {
        this.syscalls = syscalls;
        this.memory = memory;
        this.tar = new TarWriter(archive);
    }

    /** Whether anything has been written. */
    public boolean any() {
        return any;
    }

    /**
     * Writes an entry.
     *
     * @param at the directory that it is in
     * @param name in it; {@code .} is the directory itself
     * @param archived its name in the archive, without a slash at the end
     * @return what it is; empty when it is gone
     */
    public Optional<FileStatus> add(ContainerRoot at, String name, String archived) throws IOException {
        Fd opened;
        try {
            opened = at.open(name, O_PATH | O_NOFOLLOW, 0);
        } catch (ErrnoException e) {
            if (gone(e)) {
                return Optional.empty();
            }
            throw e;
        }
        try (Fd file = opened) {
            FileStatus status = syscalls.statx(file, "", AT_EMPTY_PATH);
            write(file, status, archived);
            return Optional.of(status);
        }
    }

    /** Whether something was removed, or replaced by something else, since its name was read. */
    public static boolean gone(ErrnoException e) {
        return e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP);
    }

    /** An empty file, root's, as the marks of layers are. */
    public void mark(String archived) throws IOException {
        entry(new TarHeader(archived, TarHeader.Type.FILE, 0600, 0, 0, 0, Instant.EPOCH, "", 0, 0, Map.of()));
    }

    /** Ends the archive. */
    public void finish() throws IOException {
        tar.finish();
    }

    private void entry(TarHeader header) throws IOException {
        any = true;
        tar.entry(header);
    }

    private void write(Fd file, FileStatus status, String archived) throws IOException {
        TarHeader.@Nullable Type type = type(status);
        if (type == null) {
            return; // A socket is nothing without the process that listens.
        }
        if (status.links() > 1 && !status.isDirectory()) {
            Inode inode = new Inode(status.device(), status.inode());
            String first = linked.get(inode);
            if (first != null) {
                entry(header(archived, TarHeader.Type.HARD_LINK, status, 0, first, Map.of()));
                return;
            }
            if (memory.tryTake(REMEMBERED_OVERHEAD + 2L * archived.length())) {
                linked.put(inode, archived);
            }
        }
        if (type == TarHeader.Type.DIRECTORY) {
            entry(header(archived + "/", type, status, 0, "", attributes(file)));
        } else if (type == TarHeader.Type.SYMLINK) {
            entry(header(archived, type, status, 0, syscalls.readlinkat(file, ""), Map.of()));
        } else {
            boolean regular = type == TarHeader.Type.FILE;
            entry(header(archived, type, status, regular ? status.size() : 0, "", attributes(file)));
            if (regular && status.size() > 0) {
                copy(file, status.size());
            }
        }
    }

    /** As much as the header promised: a file that grows is cut, one that shrinks is filled up by the writer. */
    private void copy(Fd file, long size) throws IOException {
        try (Fd from = syscalls.open(file.procPath(), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)) {
            for (long left = size; left > 0; ) {
                buffer.clear().limit((int) Math.min(left, buffer.capacity()));
                int count = syscalls.read(from, buffer);
                if (count == 0) {
                    return;
                }
                buffer.flip().get(chunk, 0, count);
                tar.write(chunk, 0, count);
                left -= count;
            }
        }
    }

    private static TarHeader header(
            String name,
            TarHeader.Type type,
            FileStatus status,
            long size,
            String link,
            Map<String, byte[]> attributes) {
        boolean device = type == TarHeader.Type.CHARACTER_DEVICE || type == TarHeader.Type.BLOCK_DEVICE;
        return new TarHeader(
                name,
                type,
                status.permissions(),
                Integer.toUnsignedLong(status.uid()),
                Integer.toUnsignedLong(status.gid()),
                size,
                status.modified(),
                link,
                device ? FileStatus.major(status.rdev()) : 0,
                device ? FileStatus.minor(status.rdev()) : 0,
                attributes);
    }

    /** Those that a layer may set. */
    private Map<String, byte[]> attributes(Fd file) throws ErrnoException {
        Map<String, byte[]> kept = new HashMap<>();
        try {
            for (String name : syscalls.listxattr(file.procPath())) {
                if (name.startsWith("user.")
                        || name.equals("security.capability")
                        || name.startsWith("system.posix_acl_")) {
                    kept.put(name, syscalls.getxattr(file.procPath(), name));
                }
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENODATA) && !e.is(Errno.EOPNOTSUPP)) {
                throw e;
            }
        }
        return kept;
    }

    private static TarHeader.@Nullable Type type(FileStatus status) {
        return switch (status.type()) {
            case OpenFlags.S_IFREG -> TarHeader.Type.FILE;
            case OpenFlags.S_IFDIR -> TarHeader.Type.DIRECTORY;
            case OpenFlags.S_IFLNK -> TarHeader.Type.SYMLINK;
            case OpenFlags.S_IFCHR -> TarHeader.Type.CHARACTER_DEVICE;
            case OpenFlags.S_IFBLK -> TarHeader.Type.BLOCK_DEVICE;
            case OpenFlags.S_IFIFO -> TarHeader.Type.FIFO;
            default -> null;
        };
    }
}
