package io.longshore.agent.graphdriver.overlay2;

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
import io.longshore.agent.graphdriver.TreeSize;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.SpreadDirectory;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Layers as directories, joined by the kernel's overlay file system; the classic driver of that name. Needs root, and Linux 5.6 or later. */
public final class Overlay2GraphDriver implements GraphDriver {
    private static final String WORK = "work";
    private static final String MERGED = "merged";
    /** On which each container mounts its root in a mount namespace of its own. */
    private static final String MOUNT_POINT = "mnt";

    private final Syscalls syscalls;
    private final LayerRecords records;
    private final DriverDirectory directory;
    private final ShortNames shortNames;
    private final ContainerTrees containers;
    private final PrivateMount mounts;
    private final TarLimits limits;
    private final WalkMemory memory;

    private Overlay2GraphDriver(
            Syscalls syscalls, LayerRecords records, DriverDirectory directory, TarLimits limits, WalkMemory memory)
            throws IOException {
        this.syscalls = syscalls;
        this.records = records;
        this.directory = directory;
        this.limits = limits;
        this.memory = memory;
        this.shortNames = ShortNames.open(directory);
        this.mounts = new PrivateMount(syscalls, directory.path());
        Path trees = directory.path().resolve(DriverDirectory.CONTAINERS);
        this.containers = ContainerTrees.open(trees, records);
        SpreadDirectory.mark(syscalls, trees);
    }

    /**
     * Opens the driver on a work directory: {@code layers/} and {@code overlay2/} in it. Deletes what a crash left half-made.
     *
     * @param limits what a layer may contain
     * @param memory for going through what containers have written
     */
    public static Overlay2GraphDriver open(Syscalls syscalls, Path workDirectory, TarLimits limits, WalkMemory memory)
            throws IOException {
        LayerRecords records = LayerRecords.open(workDirectory.resolve("layers"));
        Path own = workDirectory.resolve("overlay2").toAbsolutePath();
        Files.createDirectories(own.resolve(MOUNT_POINT));
        new PrivateMount(syscalls, own).sweep();
        DriverDirectory directory =
                DriverDirectory.open(syscalls, own, records.chainIds(), Set.of(ShortNames.LINKS, MOUNT_POINT));
        return new Overlay2GraphDriver(syscalls, records, directory, limits, memory);
    }

    @Override
    public String name() {
        return "overlay2";
    }

    @Override
    public StoredLayer unpack(@Nullable Digest parent, Digest diffId, InputStream tar) {
        return records.findOrMake(parent, diffId, chainId -> unpackNew(chainId, parent, diffId, tar));
    }

    private StoredLayer unpackNew(Digest chainId, @Nullable Digest parent, Digest diffId, InputStream tar)
            throws IOException {
        List<String> lowers = new ArrayList<>();
        records.chain(parent)
                .forEach(layer -> lowers.addFirst(
                        directory.diff(DriverDirectory.treeOf(layer.chainId())).toString()));
        String tree = DriverDirectory.treeOf(chainId);
        Path temporary = directory.temporary();
        try {
            Files.createDirectory(temporary.resolve(DriverDirectory.DIFF));
            long size = fill(temporary, lowers, diffId, tar);
            shortNames.commit(directory, temporary, tree);
            StoredLayer layer = new StoredLayer(chainId, diffId, parent, size);
            records.add(layer);
            return layer;
        } catch (IOException | RuntimeException e) {
            directory.deleteTree(temporary);
            removeTree(tree);
            throw e;
        }
    }

    private long fill(Path temporary, List<String> lowers, Digest diffId, InputStream tar) throws IOException {
        try (LayerTree tree = new LayerTree(
                syscalls, temporary.toString(), DriverDirectory.DIFF, lowers, new OverlayMarks(syscalls))) {
            return tree.unpack(tar, diffId, limits);
        }
    }

    private void removeTree(String tree) throws IOException {
        shortNames.forget(tree);
        directory.remove(tree);
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
            removeTree(DriverDirectory.initOf(chainId));
            removeTree(DriverDirectory.treeOf(chainId));
        });
    }

    @Override
    public RootFs create(ContainerId container, List<Digest> diffIds) {
        Digest top = ContainerTrees.top(diffIds);
        try {
            List<StoredLayer> stack = records.chain(top);
            Path tree = containers.tree(container);
            boolean exists = Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS);
            try {
                String init = init(top, stack);
                containers.create(container, top, List.of(DriverDirectory.DIFF, WORK), () -> {
                    // Overlay shows the upper directory's own attributes as the root's.
                    copyRootAttributes(directory.diff(init), tree.resolve(DriverDirectory.DIFF));
                });
                return overlay(tree, init, stack);
            } catch (IOException | RuntimeException e) {
                if (!exists) {
                    remove(container);
                }
                throw e;
            }
        } catch (IOException e) {
            throw LayerRecords.diskFailure("making the layer of container " + container, e);
        }
    }

    private void copyRootAttributes(Path from, Path to) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(from, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(to, "unix:uid", attributes.get("uid"));
        Files.setAttribute(to, "unix:gid", attributes.get("gid"));
        Files.setAttribute(to, "unix:mode", attributes.get("mode"));
    }

    private RootFs overlay(Path tree, String init, List<StoredLayer> stack) throws IOException {
        return new RootFs.Overlay(
                directory.path().toString(),
                lowers(init, stack),
                tree.resolve(DriverDirectory.DIFF).toString(),
                tree.resolve(WORK).toString(),
                directory.path().resolve(MOUNT_POINT).toString());
    }

    private List<String> lowers(@Nullable String init, List<StoredLayer> stack) throws IOException {
        List<String> names = new ArrayList<>(stack.size() + 1);
        for (StoredLayer layer : stack) {
            names.addFirst(shortNames.of(DriverDirectory.treeOf(layer.chainId())));
        }
        if (init != null) {
            names.addFirst(shortNames.of(init));
        }
        return names;
    }

    /** The init layer above a stack, made at the stack's first container. */
    private String init(@Nullable Digest top, List<StoredLayer> stack) throws IOException {
        String init = DriverDirectory.initOf(top);
        directory.makeMissing(init, records.lock(init), () -> makeInit(init, stack));
        return init;
    }

    private void makeInit(String init, List<StoredLayer> stack) throws IOException {
        Path temporary = directory.temporary();
        try {
            for (String name : List.of(DriverDirectory.DIFF, WORK, MERGED)) {
                Files.createDirectory(temporary.resolve(name));
            }
            Path diff = temporary.resolve(DriverDirectory.DIFF);
            Path rootSource = stack.isEmpty()
                    ? directory.path().resolve(DriverDirectory.CONTAINERS)
                    : directory.diff(DriverDirectory.treeOf(stack.getLast().chainId()));
            copyRootAttributes(rootSource, diff);
            try (ContainerRoot root = stack.isEmpty()
                    ? ContainerRoot.open(syscalls, diff.toString())
                    : mounts.writable(lowers(null, stack), temporary)) {
                InitLayer.complete(root);
            }
            directory.deleteTree(temporary.resolve(WORK));
            directory.deleteTree(temporary.resolve(MERGED));
            shortNames.commit(directory, temporary, init);
        } catch (IOException | RuntimeException e) {
            directory.deleteTree(temporary);
            removeTree(init);
            throw e;
        }
    }

    @Override
    public RootFs rootfs(ContainerId container) {
        Digest top = containers.imageOf(container);
        try {
            return overlay(containers.tree(container), DriverDirectory.initOf(top), records.chain(top));
        } catch (IOException e) {
            throw LayerRecords.diskFailure("reading the layer of container " + container, e);
        }
    }

    @Override
    public long ownBytes(ContainerId container, Duration limit) {
        containers.imageOf(container);
        try {
            return TreeSize.of(syscalls, containers.tree(container).resolve(DriverDirectory.DIFF), limit, memory);
        } catch (IOException e) {
            throw LayerRecords.diskFailure("measuring the layer of container " + container, e);
        }
    }

    @Override
    public void changes(ContainerId container, ChangeListener listener) throws IOException {
        Digest top = containers.imageOf(container);
        try (WalkMemory.Share share = memory.share();
                ContainerRoot upper = upper(container);
                ContainerRoot lower = below(top)) {
            new UpperLayer(syscalls, share).changes(upper, lower, listener);
        }
    }

    @Override
    public boolean writeLayer(ContainerId container, OutputStream tar) throws IOException {
        containers.imageOf(container);
        try (WalkMemory.Share share = memory.share();
                ContainerRoot upper = upper(container)) {
            TarEntries entries = new TarEntries(syscalls, tar, share);
            new UpperLayer(syscalls, share).write(upper, entries);
            return entries.any();
        }
    }

    private ContainerRoot upper(ContainerId container) throws IOException {
        return ContainerRoot.open(
                syscalls,
                containers.tree(container).resolve(DriverDirectory.DIFF).toString());
    }

    /** The image with its init layer, joined for reading. */
    private ContainerRoot below(@Nullable Digest top) throws IOException {
        String init = DriverDirectory.initOf(top);
        List<String> lowers = lowers(init, records.chain(top));
        if (lowers.size() == 1) {
            return ContainerRoot.open(syscalls, directory.diff(init).toString());
        }
        return readOnly(lowers);
    }

    @Override
    public void remove(ContainerId container) {
        try {
            directory.delete(containers.tree(container));
            records.release(container);
        } catch (IOException e) {
            throw LayerRecords.diskFailure("removing the layer of container " + container, e);
        }
    }

    @Override
    public List<ContainerId> containers() {
        return containers.list();
    }

    @Override
    public MountedRoot mount(ContainerId container) {
        Digest top = containers.imageOf(container);
        try {
            List<String> lowers = lowers(DriverDirectory.initOf(top), records.chain(top));
            lowers.addFirst(DriverDirectory.CONTAINERS + "/" + container + "/" + DriverDirectory.DIFF);
            return new MountedRoot(readOnly(lowers));
        } catch (IOException e) {
            throw LayerRecords.diskFailure("mounting the layers of container " + container, e);
        }
    }

    private ContainerRoot readOnly(List<String> lowers) throws IOException {
        Path point = directory.temporary();
        try {
            return mounts.readOnly(lowers, point);
        } finally {
            Files.delete(point);
        }
    }
}
