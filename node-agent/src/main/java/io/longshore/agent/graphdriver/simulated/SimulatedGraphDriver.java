package io.longshore.agent.graphdriver.simulated;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.ChangeListener;
import io.longshore.agent.graphdriver.ContainerTrees;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.LayerRecords;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.graphdriver.StoredLayer;
import io.longshore.agent.graphdriver.TreeSize;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.layer.LayerEntry;
import io.longshore.oci.layer.LayerReader;
import io.longshore.oci.tar.TarLimits;
import io.longshore.oci.tar.TarWriter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the books of layers without unpacking them, for agents that stand in for a fleet: it reads and checks each layer's stream, and a
 * container's root is an empty directory. Needs no root.
 */
public final class SimulatedGraphDriver implements GraphDriver {
    private static final String ROOT = "root";

    private final Syscalls syscalls;
    private final LayerRecords records;
    private final ContainerTrees containers;
    private final TarLimits limits;
    private final WalkMemory memory;

    private SimulatedGraphDriver(
            Syscalls syscalls, LayerRecords records, ContainerTrees containers, TarLimits limits, WalkMemory memory) {
        this.syscalls = syscalls;
        this.records = records;
        this.containers = containers;
        this.limits = limits;
        this.memory = memory;
    }

    /**
     * Opens the driver on a work directory: {@code layers/} and {@code simulated/} in it.
     *
     * @param memory for measuring
     */
    public static SimulatedGraphDriver open(Syscalls syscalls, Path workDirectory, TarLimits limits, WalkMemory memory)
            throws IOException {
        LayerRecords records = LayerRecords.open(workDirectory.resolve("layers"));
        ContainerTrees containers = ContainerTrees.open(workDirectory.resolve("simulated"), records);
        return new SimulatedGraphDriver(syscalls, records, containers, limits, memory);
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public StoredLayer unpack(@Nullable Digest parent, Digest diffId, InputStream tar) {
        return records.findOrMake(parent, diffId, chainId -> {
            StoredLayer layer = new StoredLayer(chainId, diffId, parent, check(diffId, tar));
            records.add(layer);
            return layer;
        });
    }

    private long check(Digest diffId, InputStream tar) throws IOException {
        MessageDigest digest = Digest.sha256();
        LayerReader reader = new LayerReader(new BufferedInputStream(new DigestInputStream(tar, digest)), limits);
        long size = 0;
        for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
            size += switch (entry) {
                case LayerEntry.RegularFile file -> file.size();
                case LayerEntry.Symlink link -> link.target().getBytes(StandardCharsets.UTF_8).length;
                default -> 0;
            };
        }
        Digest found = Digest.ofHash(digest.digest());
        if (!found.equals(diffId)) {
            throw new Failure.Invalid("invalid layer: its content has digest " + found + ", its diff id is " + diffId);
        }
        return size;
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
        records.remove(chainId, () -> {});
    }

    @Override
    public RootFs create(ContainerId container, List<Digest> diffIds) {
        Digest top = ContainerTrees.top(diffIds);
        records.chain(top);
        try {
            Path tree = containers.create(container, top, List.of(ROOT), () -> {});
            return new RootFs.Simulated(tree.resolve(ROOT).toString());
        } catch (IOException e) {
            throw LayerRecords.diskFailure("making the layer of container " + container, e);
        }
    }

    @Override
    public RootFs rootfs(ContainerId container) {
        containers.imageOf(container);
        return new RootFs.Simulated(containers.tree(container).resolve(ROOT).toString());
    }

    @Override
    public long ownBytes(ContainerId container, Duration limit) {
        containers.imageOf(container);
        try {
            return TreeSize.of(syscalls, containers.tree(container).resolve(ROOT), limit, memory);
        } catch (IOException e) {
            throw LayerRecords.diskFailure("measuring the layer of container " + container, e);
        }
    }

    /** Nothing runs that could change anything. */
    @Override
    public void changes(ContainerId container, ChangeListener listener) {
        containers.imageOf(container);
    }

    @Override
    public boolean writeLayer(ContainerId container, OutputStream tar) throws IOException {
        containers.imageOf(container);
        new TarWriter(tar).finish();
        return false;
    }

    @Override
    public void remove(ContainerId container) {
        try {
            Path tree = containers.tree(container);
            Files.deleteIfExists(tree.resolve("image"));
            Files.deleteIfExists(tree.resolve(ROOT));
            Files.deleteIfExists(tree);
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
        containers.imageOf(container);
        try {
            Path root = containers.tree(container).resolve(ROOT);
            return new MountedRoot(ContainerRoot.open(syscalls, root.toString()));
        } catch (IOException e) {
            throw LayerRecords.diskFailure("opening the layer of container " + container, e);
        }
    }
}
