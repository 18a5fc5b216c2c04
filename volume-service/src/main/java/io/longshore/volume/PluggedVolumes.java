package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.agent.PluginVolumes;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.contracts.volume.VolumeClaim.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Volumes of plugins. Which of them there are the plugin says, and it may have some that nobody made here: these belong to nobody until a
 * project uses one by its name, and are shown to all till then. So a plugin is asked to make a volume before there is a row of it: what a
 * crash leaves is such a volume.
 */
@Component
class PluggedVolumes {
    /** An agent waits half a minute for a plugin's list. */
    private static final Duration LIST = Duration.ofSeconds(40);

    private final VolumeRepository repository;
    private final NodeVolumes nodes;

    PluggedVolumes(VolumeRepository repository, NodeVolumes nodes) {
        this.repository = repository;
        this.nodes = nodes;
    }

    /** The claim with a driver for each volume: who asks for a name alone gets the volume of that name whoever has it. */
    VolumeClaim resolved(Caller caller, VolumeClaim claim) {
        Set<String> names = claim.wanted().stream()
                .filter(wanted -> isUnset(wanted.driver()))
                .map(Wanted::name)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        Map<String, String> drivers = new HashMap<>(repository.drivers(caller.project(), names));
        for (String name : names) {
            drivers.computeIfAbsent(
                    name, key -> found(caller, key).map(PluginVolume::driver).orElse(Volumes.LOCAL));
        }
        return new VolumeClaim(
                claim.owner(),
                claim.node(),
                claim.wanted().stream()
                        .map(wanted -> isUnset(wanted.driver()) ? with(wanted, drivers) : wanted)
                        .toList());
    }

    private static Wanted with(Wanted wanted, Map<String, String> drivers) {
        String name = wanted.name();
        String driver = name == null ? Volumes.LOCAL : drivers.getOrDefault(name, Volumes.LOCAL);
        return new Wanted(name, wanted.destination(), driver, wanted.options(), wanted.labels(), wanted.inherited());
    }

    /** The driver of a volume that is to be made; as {@link #resolved}. */
    String driver(Caller caller, String name, @Nullable String asked) {
        if (!isUnset(asked)) {
            return Objects.requireNonNull(asked);
        }
        String known = repository.drivers(caller.project(), Set.of(name)).get(name);
        return known != null
                ? known
                : found(caller, name).map(PluginVolume::driver).orElse(Volumes.LOCAL);
    }

    private static boolean isUnset(@Nullable String driver) {
        return driver == null || driver.isEmpty();
    }

    /** Has the plugin make a volume that there is no row of; nothing for what is no plugin's. */
    void make(Caller caller, @Nullable NodeId node, String name, String driver, Map<String, String> options) {
        if (node != null && !driver.equals(Volumes.LOCAL)) {
            requireFree(caller.project(), driver, name);
            if (!repository.drivers(caller.project(), Set.of(name)).containsKey(name)) {
                nodes.create(caller, node, name, driver, options);
            }
        }
    }

    /** {@code NotFound} when the node has no such driver: a volume that it was to make would be nobody's to remove. */
    void requireDriver(Caller caller, NodeId node, String driver) {
        if (!driver.equals(Volumes.LOCAL)) {
            nodes.plugged(caller, node, ContainerId.random().value(), driver);
        }
    }

    /** What is another project's is not this one's, though the plugin knows no projects. */
    void requireFree(String project, String driver, String name) {
        if (repository.isElsewhere(project, driver, name)) {
            throw new Failure.Conflict("create " + name + ": driver '" + driver + "' already has volume '" + name
                    + "' of another project: choose another name");
        }
    }

    /** One that there is no row of, and that a plugin has. */
    Optional<Volume> unknown(Caller caller, String name) {
        NodeId node = nodes.only(caller);
        return node == null ? Optional.empty() : found(caller, name).map(found -> volume(caller, node, found));
    }

    private Optional<PluginVolume> found(Caller caller, String name) {
        NodeId node = nodes.only(caller);
        return node == null
                ? Optional.empty()
                : nodes.plugged(caller, node, name, "")
                        .filter(found -> !repository.isElsewhere(caller.project(), found.driver(), name));
    }

    private static Volume volume(Caller caller, NodeId node, PluginVolume found) {
        return new Volume(caller.project(), found.name(), found.driver(), node, false, Instant.now(), null, null, null);
    }

    /** What its plugin says of a volume now; {@code NOT_FOUND} when that has none of the name. */
    PluginVolume described(Caller caller, Volume volume) {
        return nodes.plugged(caller, volume.place(), volume.name(), volume.driver())
                .orElseThrow(() -> new Failure.NotFound("get " + volume.name() + ": no such volume"));
    }

    /**
     * What plugins list.
     *
     * @param unknown volumes without a row
     */
    record Listed(Map<Key, PluginVolume> described, List<Volume> unknown, List<String> warnings) {
        @Nullable
        PluginVolume of(Volume volume) {
            return described.get(new Key(volume.driver(), volume.name()));
        }
    }

    /** Which volume of which plugin. */
    record Key(String driver, String name) {}

    /** What there are rows of is listed without the agent, too. */
    private PluginVolumes told(Caller caller, Node node) {
        try {
            return nodes.allPlugged(caller.within(LIST), node);
        } catch (Failure.Unavailable | Failure.DeadlineExceeded e) {
            return new PluginVolumes(List.of(), List.of("volumes of plugins are not listed: " + e.text()));
        }
    }

    /** What plugins list, beside the volumes that there are rows of; nothing yet where there are several nodes. */
    Listed list(Caller caller, List<Node> fleet, List<Volume> rows) {
        if (fleet.size() != 1) {
            return new Listed(Map.of(), List.of(), List.of());
        }
        NodeId node = fleet.getFirst().id();
        PluginVolumes told = told(caller, fleet.getFirst());
        Map<Key, PluginVolume> described = new HashMap<>();
        told.volumes().forEach(one -> described.putIfAbsent(new Key(one.driver(), one.name()), one));
        Set<String> names = rows.stream().map(Volume::name).collect(Collectors.toSet());
        Set<Key> elsewhere = described.isEmpty() ? Set.of() : repository.pluggedElsewhere(caller.project());
        List<Volume> unknown = described.entrySet().stream()
                .filter(one -> !names.contains(one.getKey().name()) && !elsewhere.contains(one.getKey()))
                .map(one -> volume(caller, node, one.getValue()))
                .toList();
        return new Listed(described, unknown, told.warnings());
    }
}
