package io.longshore.agent.graphdriver.vfs;

import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NODEV;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NOSUID;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_RDONLY;
import static io.longshore.agent.linux.MountFlags.OPEN_TREE_CLOEXEC;
import static io.longshore.agent.linux.MountFlags.OPEN_TREE_CLONE;
import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.ChangeListener;
import io.longshore.agent.graphdriver.ContainerTrees;
import io.longshore.agent.graphdriver.DriverDirectory;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.InitLayer;
import io.longshore.agent.graphdriver.LayerRecords;
import io.longshore.agent.graphdriver.LayerTree;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.graphdriver.StoredLayer;
import io.longshore.agent.graphdriver.TarEntries;
import io.longshore.agent.graphdriver.TreeCopy;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.MountAttributes;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.Attributes;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.SpreadDirectory;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Layers as whole directories: each is a copy of the one under it with its own changes, and so is a container's root; the classic driver of
 * that name. It works on any file system with owners and modes, where overlay2 does not, and takes time and room for it unless that can
 * share blocks (XFS, Btrfs). Needs root, and Linux 5.6 or later.
 */
public final class VfsGraphDriver implements GraphDriver {
    private final Syscalls syscalls;
    private final LayerRecords records;
    private final DriverDirectory directory;
    private final ContainerTrees containers;
    private final TarLimits limits;
    private final WalkMemory memory;

    private VfsGraphDriver(
            Syscalls syscalls, LayerRecords records, DriverDirectory directory, TarLimits limits, WalkMemory memory)
            throws IOException {
        this.syscalls = syscalls;
        this.records = records;
        this.directory = directory;
        this.limits = limits;
        this.memory = memory;
        Path trees = directory.path().resolve(DriverDirectory.CONTAINERS);
        this.containers = ContainerTrees.open(trees, records);
        SpreadDirectory.mark(syscalls, trees);
    }

    /**
     * Opens the driver on a work directory: {@code layers/} and {@code vfs/} in it. Deletes what a crash left half-made.
     *
     * @param limits what a layer may contain
     * @param memory for copying trees and going through them
     */
    public static VfsGraphDriver open(Syscalls syscalls, Path workDirectory, TarLimits limits, WalkMemory memory)
            throws IOException {
        LayerRecords records = LayerRecords.open(workDirectory.resolve("layers"));
        DriverDirectory directory =
                DriverDirectory.open(syscalls, workDirectory.resolve("vfs"), records.chainIds(), Set.of());
        return new VfsGraphDriver(syscalls, records, directory, limits, memory);
    }

    @Override
    public String name() {
        return "vfs";
    }

    @Override
    public StoredLayer unpack(@Nullable Digest parent, Digest diffId, InputStream tar) {
        return records.findOrMake(parent, diffId, chainId -> unpackNew(chainId, parent, diffId, tar));
    }

    private StoredLayer unpackNew(Digest chainId, @Nullable Digest parent, Digest diffId, InputStream tar)
            throws IOException {
        String tree = DriverDirectory.treeOf(chainId);
        Path temporary = directory.temporary();
        try {
            StoredLayer layer = new StoredLayer(chainId, diffId, parent, fill(temporary, parent, diffId, tar));
            directory.commit(temporary, tree);
            records.add(layer);
            return layer;
        } catch (IOException | RuntimeException e) {
            directory.deleteTree(temporary);
            directory.remove(tree);
            throw e;
        }
    }

    /** The layer's own files first, then what the parent has and the layer does not hide. */
    private long fill(Path temporary, @Nullable Digest parent, Digest diffId, InputStream tar) throws IOException {
        try (WalkMemory.Share share = memory.share();
                ContainerRoot content = directory.emptyContent(temporary)) {
            HiddenPaths hidden = new HiddenPaths(share);
            List<String> below = parent == null
                    ? List.of()
                    : List.of(directory.diff(DriverDirectory.treeOf(parent)).toString());
            long size;
            try (LayerTree tree = new LayerTree(syscalls, temporary.toString(), DriverDirectory.DIFF, below, hidden)) {
                size = tree.unpack(tar, diffId, limits);
            }
            if (parent != null) {
                try (ContainerRoot under = directory.content(DriverDirectory.treeOf(parent))) {
                    new TreeCopy(syscalls, share, hidden).copyBeneath(under, content);
                }
            }
            return size;
        }
    }

    @Override
    public Optional<StoredLayer> layer(Digest chainId) {
        return records.find(chainId);
    }

    @Override
    public List<StoredLayer> layers() {
        return records.all();
    }

    @Override
    public void removeLayer(Digest chainId) {
        records.remove(chainId, () -> {
            directory.remove(DriverDirectory.initOf(chainId));
            directory.remove(DriverDirectory.treeOf(chainId));
        });
    }

    @Override
    public RootFs create(ContainerId container, List<Digest> diffIds) {
        Digest top = ContainerTrees.top(diffIds);
        records.chain(top);
        boolean exists = containers.holds(container);
        try {
            if (top != null) {
                records.use(top, container);
            }
            String init = init(top);
            ReentrantLock lock = records.lock(container.value());
            lock.lock();
            try {
                Path tree = containers.tree(container);
                containers.create(container, top, List.of(), () -> copy(init, tree));
            } finally {
                lock.unlock();
            }
            return root(container);
        } catch (IOException e) {
            undo(container, exists);
            throw LayerRecords.diskFailure("making the layer of container " + container, e);
        } catch (RuntimeException e) {
            undo(container, exists);
            throw e;
        }
    }

    private void undo(ContainerId container, boolean exists) {
        if (!exists) {
            remove(container);
        }
    }

    /** Whole and on disk before the container's image is noted; what was cut off is begun anew. */
    private void copy(String from, Path tree) throws IOException {
        try (WalkMemory.Share share = memory.share();
                ContainerRoot source = directory.content(from);
                ContainerRoot root = directory.emptyContent(tree)) {
            new TreeCopy(syscalls, share).copy(source, root);
        }
        directory.sync(tree);
    }

    /** The init layer above a stack, made at the stack's first container. */
    private String init(@Nullable Digest top) throws IOException {
        String init = DriverDirectory.initOf(top);
        directory.makeMissing(init, records.lock(init), () -> makeInit(init, top));
        return init;
    }

    private void makeInit(String init, @Nullable Digest top) throws IOException {
        Path temporary = directory.temporary();
        try {
            try (WalkMemory.Share share = memory.share();
                    ContainerRoot root = directory.emptyContent(temporary)) {
                if (top == null) {
                    root.apply(root.fd(), Attributes.ofMode(0755));
                } else {
                    try (ContainerRoot image = directory.content(DriverDirectory.treeOf(top))) {
                        new TreeCopy(syscalls, share).copy(image, root);
                    }
                }
                InitLayer.complete(root);
            }
            directory.commit(temporary, init);
        } catch (IOException | RuntimeException e) {
            directory.deleteTree(temporary);
            directory.remove(init);
            throw e;
        }
    }

    private RootFs root(ContainerId container) {
        return new RootFs.Directory(content(container));
    }

    private String content(ContainerId container) {
        return containers.tree(container).resolve(DriverDirectory.DIFF).toString();
    }

    @Override
    public RootFs rootfs(ContainerId container) {
        containers.imageOf(container);
        return root(container);
    }

    @Override
    public long ownBytes(ContainerId container, Duration limit) {
        try (WalkMemory.Share share = memory.share()) {
            OwnBytes sum = new OwnBytes(container, share, limit);
            compare(container, share, sum);
            return sum.bytes();
        } catch (IOException e) {
            throw LayerRecords.diskFailure("measuring the layer of container " + container, e);
        }
    }

    @Override
    public void changes(ContainerId container, ChangeListener listener) throws IOException {
        try (WalkMemory.Share share = memory.share()) {
            compare(container, share, (kind, at, name, path, status) -> listener.changed(kind, path));
        }
    }

    @Override
    public boolean writeLayer(ContainerId container, OutputStream tar) throws IOException {
        try (WalkMemory.Share share = memory.share()) {
            TarEntries entries = new TarEntries(syscalls, tar, share);
            compare(container, share, new OwnLayer(entries));
            entries.finish();
            return entries.any();
        }
    }

    private void compare(ContainerId container, WalkMemory.Share share, TreeComparison.Visit visit) throws IOException {
        String init = DriverDirectory.initOf(containers.imageOf(container));
        try (ContainerRoot image = directory.content(init);
                ContainerRoot own = ContainerRoot.open(syscalls, content(container))) {
            new TreeComparison(syscalls, share, containers.made(container), visit).walk(image, own);
        }
    }

    @Override
    public void remove(ContainerId container) {
        ReentrantLock lock = records.lock(container.value());
        lock.lock();
        try {
            directory.delete(containers.tree(container));
            records.release(container);
        } catch (IOException e) {
            throw LayerRecords.diskFailure("removing the layer of container " + container, e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<ContainerId> containers() {
        return containers.list();
    }

    @Override
    public MountedRoot mount(ContainerId container) {
        containers.imageOf(container);
        try {
            Fd tree = syscalls.openTree(Fd.CWD, content(container), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
            ContainerRoot root = ContainerRoot.of(syscalls, tree);
            try {
                long attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
                syscalls.mountSetattr(tree, "", AT_EMPTY_PATH, new MountAttributes(attributes, 0, 0));
                return new MountedRoot(root);
            } catch (IOException | RuntimeException e) {
                root.close();
                throw e;
            }
        } catch (IOException e) {
            throw LayerRecords.diskFailure("opening the layer of container " + container, e);
        }
    }
}
