package io.longshore.agent.container;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
import java.util.Set;

/** What a container's life asks of the graph driver. All verbs are idempotent. */
public interface RootFileSystems {
    /**
     * Makes a container's writable layer on its image's layers, or finds it again. Mounts nothing. {@code NOT_FOUND} names a layer
     * that the node does not hold.
     */
    RootFs prepare(ContainerSpec spec);

    /**
     * Fills a volume with what the container's image has at {@code destination}; nothing when there is anything in it, or when the image
     * has no directory there. The container must not run.
     */
    void copyUp(ContainerSpec spec, String destination, Path volume);

    /** Removes a container's writable layer. */
    void remove(ContainerId id);

    /** The containers that have a writable layer, perhaps half made. */
    Set<ContainerId> held();
}
