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
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fills an empty volume with what the image has where the volume will be mounted, as Docker does for anonymous and named volumes: files
 * with owners, modes, times, attributes and hard links, and the directory's own. Thread-safe; on a platform thread, please.
 */
public final class VolumeCopyUp {
    /** As deep as a removal of the copy can go. */
    private static final int MAX_DEPTH = 1000;

    private final Syscalls syscalls;
    private final GraphDriver driver;

    public VolumeCopyUp(Syscalls syscalls, GraphDriver driver) {
        this.syscalls = syscalls;
        this.driver = driver;
    }

    /**
     * Copies. Nothing happens when the volume has anything in it, or when the image has no directory at the path. A copy that fails
     * half-way is undone, so that it can be done again.
     *
     * @param container whose image it is; it must not run yet
     * @param path in the container; symbolic links are followed inside its root
     * @param volume the volume's directory, the agent's own
     * @return whether anything was copied
     */
    public boolean copyUp(ContainerId container, String path, Path volume) {
        try (ContainerRoot target = ContainerRoot.open(syscalls, volume.toString());
                MountedRoot mounted = driver.mount(container)) {
            if (!target.list("").isEmpty()) {
                return false;
            }
            Fd found;
            try {
                found = mounted.root().open(path, O_PATH | O_DIRECTORY, 0);
            } catch (ErrnoException e) {
                if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
                    return false;
                }
                throw e;
            }
            try (ContainerRoot source = ContainerRoot.of(syscalls, found)) {
                copyOrUndo(source, target, volume);
                return true;
            }
        } catch (IOException e) {
            throw LayerRecords.diskFailure(
                    "copying " + path + " of the image of container " + container + " into a volume", e);
        }
    }

    private void copyOrUndo(ContainerRoot source, ContainerRoot target, Path volume) throws IOException {
        try {
            copyDirectory(source, target, "", 0, new HashMap<>());
            String name = volume.getFileName().toString();
            try (ContainerRoot parent =
                    ContainerRoot.open(syscalls, volume.resolveSibling(".").toString())) {
                parent.apply(name, attributes(source, "", source.status(".").orElseThrow()));
            }
        } catch (IOException e) {
            for (String name : target.list("")) {
                target.remove(name);
            }
            throw e;
        }
    }

    private void copyDirectory(
            ContainerRoot source, ContainerRoot target, String path, int depth, Map<Long, String> linked)
            throws IOException {
        if (depth > MAX_DEPTH) {
            throw new ErrnoException("copy", path + " (nested too deeply)", Errno.ELOOP.number());
        }
        List<String> names = source.list(path);
        for (String name : names) {
            copy(source, target, path.isEmpty() ? name : path + "/" + name, depth, linked);
        }
    }

    private void copy(ContainerRoot source, ContainerRoot target, String path, int depth, Map<Long, String> linked)
            throws IOException {
        FileStatus status = source.status(path).orElseThrow();
        if (status.links() > 1 && !status.isDirectory()) {
            String first = linked.putIfAbsent(status.inode(), path);
            if (first != null) {
                target.hardLink(path, first);
                return;
            }
        }
        Attributes attributes = attributes(source, path, status);
        switch (status.type()) {
            case OpenFlags.S_IFDIR -> {
                target.directory(path, attributes);
                copyDirectory(source, target, path, depth + 1, linked);
                target.touch(path, status.modified());
            }
            case OpenFlags.S_IFREG -> {
                copyContent(source, target, path);
                target.apply(path, attributes);
            }
            case OpenFlags.S_IFLNK -> target.symlink(path, source.target(path), attributes);
            case OpenFlags.S_IFCHR, OpenFlags.S_IFBLK, OpenFlags.S_IFIFO, OpenFlags.S_IFSOCK ->
                target.node(path, status.type(), status.rdev(), attributes);
            default -> throw new ErrnoException("copy", path + " (unknown type)", Errno.EINVAL.number());
        }
    }

    private void copyContent(ContainerRoot source, ContainerRoot target, String path) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(128 << 10);
        try (Fd from = source.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
                Fd to = target.createFile(path)) {
            while (syscalls.read(from, buffer.clear()) > 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    syscalls.write(to, buffer);
                }
            }
        }
    }

    private static Attributes attributes(ContainerRoot source, String path, FileStatus status) throws IOException {
        Map<String, byte[]> kept = new HashMap<>();
        String at = path.isEmpty() ? "." : path;
        for (String name : status.isSymlink() ? List.<String>of() : source.xattrs(at)) {
            if (!name.startsWith("trusted.")) {
                source.xattr(at, name).ifPresent(value -> kept.put(name, value));
            }
        }
        return new Attributes(status.uid(), status.gid(), status.permissions(), status.modified(), kept);
    }
}
