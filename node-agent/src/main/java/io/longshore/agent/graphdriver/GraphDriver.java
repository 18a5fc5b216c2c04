package io.longshore.agent.graphdriver;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps layers by chain id (OCI image spec, config.md) and, per container, a layer of its own for what the container changes. A layer
 * outlives the agent and the machine's restart: it is there whole, synced, or not at all. Who may remove what is decided by
 * image-service; a driver only refuses what would break another layer or a container.
 *
 * <p>Thread-safe; every verb is idempotent. {@link #unpack}, {@link #removeLayer}, {@link #mount}, {@link #ownBytes}, {@link #changes},
 * {@link #writeLayer}, {@link #remove} and {@link #create} call the kernel for long: on a platform thread, please. With overlay2
 * {@link #create} on an image that has had a container costs a few short calls; with vfs it is a copy of the image. {@link #rootfs} is short.
 * Failures are {@code INVALID} for hostile or wrong layers, naming the entry, {@code NOT_FOUND} and {@code CONFLICT} as said below,
 * {@code INTERNAL} with the path and the cause when the disk fails.
 */
public interface GraphDriver {
    /** As in {@code docker info}: {@code overlay2}. */
    String name();

    /**
     * Unpacks a layer on top of another. Reads the stream to its end, unless the layer is held already. When anything is wrong nothing
     * stays behind.
     *
     * @param parent chain id of the layer under it, null for a lowest one; {@code NOT_FOUND} when it is not held
     * @param diffId what the stream's digest must be; {@code INVALID} otherwise
     * @param tar the layer, not compressed
     */
    StoredLayer unpack(@Nullable Digest parent, Digest diffId, InputStream tar);

    /** The layer with this chain id. */
    Optional<StoredLayer> layer(Digest chainId);

    /** All layers, parents before children. */
    List<StoredLayer> layers();

    /** Removes a layer; nothing happens when there is none. {@link LayerInUse} ({@code CONFLICT}) while a layer or container is on it. */
    void removeLayer(Digest chainId);

    /**
     * Makes the container's own layer on top of an image.
     *
     * @param diffIds the image's layers, lowest first, perhaps none; {@code NOT_FOUND} names one that is not held
     */
    RootFs create(ContainerId container, List<Digest> diffIds);

    /** The container's root; {@code NOT_FOUND} when {@link #create} has not made one. */
    RootFs rootfs(ContainerId container);

    /**
     * Bytes of the files in the container's own layer, which it may be changing; a platform thread's work too. {@code NOT_FOUND} as for
     * {@link #rootfs}, {@code DEADLINE_EXCEEDED} when it takes longer than the limit.
     */
    long ownBytes(ContainerId container, Duration limit);

    /**
     * Tells what the container has changed on its image, directories before what is in them; a directory is changed when anything in it is.
     * The container may be running: what it changes meanwhile may or may not be told. A platform thread's work; {@code NOT_FOUND} as for
     * {@link #rootfs}.
     */
    void changes(ContainerId container, ChangeListener listener) throws IOException;

    /**
     * Writes the container's own layer as a tar (OCI image spec, layer.md) that {@link #unpack} takes, with whiteouts, owners, times,
     * attributes and hard links; sockets are left out. As for {@link #changes}; {@code INVALID} names what a layer cannot hold.
     *
     * @return whether there is anything in it
     */
    boolean writeLayer(ContainerId container, OutputStream tar) throws IOException;

    /** Removes the container's own layer; nothing happens when there is none. The container must not run. */
    void remove(ContainerId container);

    /** The containers that have a layer here, in no order; some may be half made. */
    List<ContainerId> containers();

    /**
     * The container's file system for reading only, as a tree that is mounted nowhere: it is gone when it is closed, or when the agent
     * ends. What a running container changes meanwhile may or may not be seen. {@code NOT_FOUND} as for {@link #rootfs}.
     */
    MountedRoot mount(ContainerId container);
}
