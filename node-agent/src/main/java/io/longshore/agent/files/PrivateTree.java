package io.longshore.agent.files;

import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_RDONLY;
import static io.longshore.agent.linux.MountFlags.MS_NODEV;
import static io.longshore.agent.linux.MountFlags.MS_NOSUID;
import static io.longshore.agent.linux.MountFlags.MS_PRIVATE;
import static io.longshore.agent.linux.MountFlags.MS_RDONLY;
import static io.longshore.agent.linux.MountFlags.MS_REC;
import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.AT_RECURSIVE;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.MountAttributes;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The file system of a container that does not run, put together for the agent's own eyes: its layers, and its volumes where they belong.
 * It is mounted in a mount namespace that only one thread is in and that ends with the thread; what is left is a descriptor of a copy that
 * is attached nowhere. So nothing stays mounted, even when the agent is killed in the middle. Paths of volumes are resolved inside the tree.
 */
final class PrivateTree {
    /** Some mounts of a machine that may be busy. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Syscalls syscalls;

    PrivateTree(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /**
     * What is mounted on the root.
     *
     * @param source directory or file of the host that the agent vouches for
     * @param part of the source that is mounted, whose content is hostile; empty for all of it
     * @param destination path in the container
     * @param recursive whether what is mounted below the source comes along
     */
    record Joined(String source, String part, String destination, boolean readOnly, boolean recursive) {}

    /** How a tree is wanted. */
    enum Access {
        /** The root and all on it for reading. */
        READ,
        /** The root for reading, and what is on it as it is for the container. */
        WRITE_BELOW,
        /** The root for writing; the caller sees to it that no other has it so. */
        WRITE
    }

    /**
     * Opens the tree; a missing directory for a volume is made in a root that can be written to, as a start would. Mounts nothing on a simulated
     * root.
     *
     * @throws MissingMountPoint when the root may only be read and has no place for a volume
     */
    ContainerRoot open(RootFs root, List<Joined> joined, Access access) throws IOException {
        return switch (root) {
            case RootFs.Simulated simulated -> ContainerRoot.open(syscalls, simulated.path());
            case RootFs.Directory directory ->
                inOwnNamespace(() ->
                        build(directory.path(), point -> bind(point, access == Access.WRITE), joined, access));
            case RootFs.Overlay overlay ->
                inOwnNamespace(() -> build(overlay.mountPoint(), point -> mount(overlay, access), joined, access));
        };
    }

    /** A volume's place is not there yet. */
    static final class MissingMountPoint extends IOException {
        private static final long serialVersionUID = 1;

        MissingMountPoint(String path) {
            super(path + " is not there to mount on");
        }
    }

    private interface Building {
        ContainerRoot build() throws IOException;
    }

    private interface Mounting {
        void at(String point) throws IOException;
    }

    private static ContainerRoot inOwnNamespace(Building building) throws IOException {
        CompletableFuture<ContainerRoot> built = new CompletableFuture<>();
        // Not of a pool: the thread's namespace ends with it.
        Thread.ofPlatform().daemon().name("private-tree").start(() -> {
            try {
                ContainerRoot tree = building.build();
                if (!built.complete(tree)) {
                    tree.close();
                }
            } catch (IOException | RuntimeException e) {
                built.completeExceptionally(e);
            }
        });
        try {
            return built.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case null, default -> throw new IOException("cannot mount the container's layers", e);
            }
        } catch (InterruptedException e) {
            abandon(built);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the container's layers were mounted", e);
        } catch (TimeoutException e) {
            abandon(built);
            throw new IOException("the container's layers could not be mounted within " + LIMIT, e);
        }
    }

    private static void abandon(CompletableFuture<ContainerRoot> built) {
        if (!built.cancel(false) && !built.isCompletedExceptionally()) {
            built.join().close();
        }
    }

    private ContainerRoot build(String point, Mounting root, List<Joined> joined, Access access) throws IOException {
        syscalls.unshare(ProcessFlags.CLONE_NEWNS);
        syscalls.mount("", "/", "", MS_REC | MS_PRIVATE, "");
        root.at(point);
        try (ContainerRoot top = ContainerRoot.open(syscalls, point)) {
            for (Joined one : joined) {
                join(top, one, access);
            }
            return ContainerRoot.of(
                    syscalls, syscalls.openTree(Fd.CWD, point, MountFlags.OPEN_TREE_CLONE | AT_RECURSIVE));
        }
    }

    private void mount(RootFs.Overlay overlay, Access access) throws IOException {
        boolean writable = access == Access.WRITE;
        int flags = MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY);
        try (Fd base = syscalls.open(overlay.directory(), O_PATH | O_DIRECTORY, 0);
                Fd upper = syscalls.open(overlay.upper(), O_PATH | O_DIRECTORY, 0);
                Fd work = syscalls.open(overlay.work(), O_PATH | O_DIRECTORY, 0)) {
            Stream<String> lowers = overlay.lower().stream().map(lower -> base.procPath() + "/" + lower);
            // For reading the container's own layer is one of the lower ones, so that it may be started meanwhile.
            String data = Stream.concat(writable ? Stream.empty() : Stream.of(upper.procPath()), lowers)
                    .collect(Collectors.joining(":", "lowerdir=", ""));
            if (writable) {
                data += ",upperdir=" + upper.procPath() + ",workdir=" + work.procPath() + ",index=off";
            }
            syscalls.mount("overlay", overlay.mountPoint(), "overlay", flags, data);
        }
    }

    private void bind(String directory, boolean writable) throws IOException {
        try (Fd tree = syscalls.openTree(Fd.CWD, directory, MountFlags.OPEN_TREE_CLONE)) {
            long set = MountFlags.MOUNT_ATTR_NOSUID
                    | MountFlags.MOUNT_ATTR_NODEV
                    | (writable ? 0 : MountFlags.MOUNT_ATTR_RDONLY);
            syscalls.mountSetattr(tree, "", AT_EMPTY_PATH, new MountAttributes(set, 0, 0));
            syscalls.moveMount(tree, "", Fd.CWD, directory, MountFlags.MOVE_MOUNT_F_EMPTY_PATH);
        }
    }

    private void join(ContainerRoot top, Joined one, Access access) throws IOException {
        try (Fd source = copy(one);
                Fd target = place(top, one, isDirectory(source), access)) {
            boolean readOnly = one.readOnly() || access == Access.READ;
            long set = MountFlags.MOUNT_ATTR_NOSUID | MountFlags.MOUNT_ATTR_NODEV | (readOnly ? MOUNT_ATTR_RDONLY : 0);
            syscalls.mountSetattr(source, "", AT_EMPTY_PATH | AT_RECURSIVE, new MountAttributes(set, 0, 0));
            syscalls.moveMount(
                    source, "", target, "", MountFlags.MOVE_MOUNT_F_EMPTY_PATH | MountFlags.MOVE_MOUNT_T_EMPTY_PATH);
        }
    }

    private Fd copy(Joined one) throws IOException {
        int flags = MountFlags.OPEN_TREE_CLONE | (one.recursive() ? AT_RECURSIVE : 0);
        if (one.part().isEmpty()) {
            return syscalls.openTree(Fd.CWD, one.source(), flags);
        }
        try (ContainerRoot whole = ContainerRoot.open(syscalls, one.source());
                Fd part = whole.open(one.part(), O_PATH, 0)) {
            return syscalls.openTree(part, "", flags | AT_EMPTY_PATH);
        }
    }

    private boolean isDirectory(Fd source) throws IOException {
        return syscalls.statx(source, "", AT_EMPTY_PATH).isDirectory();
    }

    private static Fd place(ContainerRoot top, Joined one, boolean directory, Access access) throws IOException {
        String destination = one.destination();
        try {
            return top.open(destination, O_PATH, 0);
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
            if (access != Access.WRITE) {
                throw new MissingMountPoint(destination);
            }
        }
        if (directory) {
            top.directories(destination);
        } else {
            top.directories(destination.substring(0, destination.lastIndexOf('/')));
            top.createFile(destination).close();
        }
        return top.open(destination, O_PATH, 0);
    }
}
