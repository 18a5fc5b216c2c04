package io.longshore.agent;

import io.longshore.agent.api.NodeSizes;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.StoredLayer;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.LayerChain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Measures containers' layers and volumes by their drivers, on threads of its own: nobody who starts a container waits behind a walk.
 */
final class GraphSizes implements NodeSizes, AutoCloseable {
    /** Two walks at once keep a disk busy; a list of all containers of a full node may wait. */
    private final NativePool pool = new NativePool("size", 2, 2048);

    private final GraphDriver driver;
    private final VolumeDrivers volumes;

    GraphSizes(GraphDriver driver, VolumeDrivers volumes) {
        this.driver = driver;
        this.volumes = volumes;
    }

    @Override
    public long of(String volumeDriver, VolumeName volume, Duration limit) {
        try {
            return pool.call(() -> volumes.named(volumeDriver).bytes(volume, limit), limit);
        } catch (IOException e) {
            throw new Failure.DeadlineExceeded("cannot measure volume " + volume + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<String> missing(List<String> paths, Duration limit) {
        try {
            return pool.call(
                    () -> paths.stream()
                            .filter(path -> !Files.exists(Path.of(path)))
                            .toList(),
                    limit);
        } catch (IOException e) {
            throw new Failure.DeadlineExceeded(
                    "cannot look in time for " + paths.size() + " paths, the first of them "
                            + paths.subList(0, Math.min(paths.size(), 3)) + ": "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public ContainerSize of(ContainerId id, List<Digest> diffIds, Duration limit) {
        long image = LayerChain.of(diffIds).stream()
                .mapToLong(layer -> driver.layer(layer.chainId())
                        .map(StoredLayer::size)
                        .orElseThrow(() -> new Failure.NotFound("layer " + layer.diffId() + " is not on this node")))
                .sum();
        try {
            long own = pool.call(() -> ownBytes(id, limit), limit);
            return new ContainerSize(own, image + own);
        } catch (IOException e) {
            throw new Failure.DeadlineExceeded("cannot measure container " + id.shortForm() + ": " + e.getMessage(), e);
        }
    }

    private long ownBytes(ContainerId id, Duration limit) {
        try {
            return driver.ownBytes(id, limit);
        } catch (Failure.NotFound e) {
            return 0; // never started
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
