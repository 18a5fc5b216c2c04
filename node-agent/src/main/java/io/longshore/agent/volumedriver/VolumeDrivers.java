package io.longshore.agent.volumedriver;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The volume drivers of this node, by name. Thread-safe.
 *
 * @param own which is always there
 * @param others which come and go
 */
public record VolumeDrivers(VolumeDriver own, VolumeDriverSource others) {
    /** One alone. */
    public static VolumeDrivers of(VolumeDriver own) {
        return new VolumeDrivers(own, VolumeDriverSource.NONE);
    }

    /** The driver of that name; {@code NOT_FOUND} for what none can be called. One that is away fails when it is called. */
    public VolumeDriver named(String name) {
        String shown = name.substring(0, Math.min(name.length(), 200));
        return find(name)
                .orElseThrow(() -> new Failure.NotFound(
                        "error looking up volume plugin " + shown + ": plugin \"" + shown + "\" not found"));
    }

    /** The driver of that name; empty where there is no plugin, nor was one in this life of the agent. */
    public Optional<VolumeDriver> find(String name) {
        return own.name().equals(name) ? Optional.of(own) : others.driver(name);
    }

    /** The names of those that are in use, the node's own first. */
    public List<String> names() {
        return Stream.concat(Stream.of(own.name()), others.names().stream()).toList();
    }

    /** Who has volumes mounted, as far as drivers know. */
    public Set<ContainerId> holders() {
        Set<ContainerId> all = new HashSet<>(own.holders());
        all.addAll(others.holders());
        return all;
    }

    /** Unmounts all that this container has mounted. */
    public void release(ContainerId container) {
        own.release(container);
        others.release(container);
    }
}
