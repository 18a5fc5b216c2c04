package io.longshore.agent.volumedriver;

import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps volumes on this node. A volume comes with {@link #create}, has one directory for as long as a container holds it by
 * {@link #mount}, and goes with {@link #remove}. Which container uses which volume is volume-service's knowledge (claims); a driver is
 * asked to remove only what nobody claims. A volume outlives the agent and the machine's restart.
 *
 * <p>Thread-safe; every verb is idempotent. Failures: {@code INVALID} for options the driver does not have, {@code NOT_FOUND} for a
 * volume that does not exist, {@code INTERNAL} with the path and the cause when the disk fails.
 */
public interface VolumeDriver {
    /** The name under which clients ask for it, such as {@code local}. */
    String name();

    /** Whether it can be reached now. May ask it, with a deadline of its own. */
    default boolean ready() {
        return true;
    }

    /** Makes an empty volume, whole or not at all. Leaves one that exists as it is. */
    void create(VolumeName volume, Map<String, String> options);

    /** Removes a volume with its data; nothing happens when there is none. */
    void remove(VolumeName volume);

    /** The directory to mount for this container, absolute; the driver keeps it until {@link #unmount}. {@code NOT_FOUND}. */
    Path mount(VolumeName volume, ContainerId container);

    /**
     * This container no longer needs the directory. It returns soon: what takes long is done later, and a failure of what is behind the
     * driver is logged, since a container that has ended stays ended.
     */
    void unmount(VolumeName volume, ContainerId container);

    /** Who is known to have volumes mounted, also by an earlier life of the agent: whoever is no container any more is to be released. */
    default Set<ContainerId> holders() {
        return Set.of();
    }

    /** {@link #unmount} of all that this container has mounted. */
    default void release(ContainerId container) {}

    /**
     * Bytes of the volume's files, which containers may be changing; for long, so on a platform thread. {@code NOT_FOUND};
     * {@code DEADLINE_EXCEEDED} when it takes longer than the limit.
     */
    long bytes(VolumeName volume, Duration limit);

    /** All volumes, by name. */
    List<VolumeName> list();
}
