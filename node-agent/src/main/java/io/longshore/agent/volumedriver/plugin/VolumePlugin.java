package io.longshore.agent.volumedriver.plugin;

import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/**
 * The methods of a volume plugin (Docker, Plugins API, VolumeDriver), one to one. Nothing is kept but that it has been activated and what
 * it is capable of. Failures as {@link PluginClient#call} has them. Thread-safe.
 */
final class VolumePlugin {
    private static final Logger LOG = LoggerFactory.getLogger(VolumePlugin.class);
    /** What only asks is answered sooner: lists of volumes wait for it. */
    private static final Duration TO_ASK = Duration.ofSeconds(30);

    private static final String DRIVER = "VolumeDriver";
    private static final String LOCAL = "local";
    private static final String GLOBAL = "global";
    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

    private final PluginName name;
    private final PluginClient client;
    private final Duration deadline;
    private final Duration toAsk;
    private final List<Path> ours;
    private volatile boolean activated;
    private volatile @Nullable String scope;

    /**
     * @param deadline for a call that does something
     * @param ours directories of our own, where no volume is
     */
    VolumePlugin(PluginName name, PluginClient client, Duration deadline, List<Path> ours) {
        this.name = name;
        this.client = client;
        this.deadline = deadline;
        this.toAsk = deadline.compareTo(TO_ASK) < 0 ? deadline : TO_ASK;
        this.ours = ours;
    }

    private static void nothing() {}

    /** Whether it has answered that it is a volume plugin. */
    boolean activated() {
        return activated;
    }

    /** {@code POST /Plugin.Activate}, once. {@code NOT_FOUND} when it is there and is no volume plugin. */
    void activate() {
        if (!activated) {
            greet();
        }
    }

    /** {@code POST /Plugin.Activate}, which any plugin answers at any time; failures as of {@link #activate}. */
    void greet() {
        JsonNode implemented = client.call("Plugin.Activate", Map.of(), toAsk, VolumePlugin::nothing)
                .path("Implements");
        for (JsonNode one : implemented) {
            if (one.asString("").equals(DRIVER)) {
                activated = true;
                return;
            }
        }
        throw new Failure.NotFound(
                "error looking up volume plugin " + name + ": plugin does not implement the requested driver");
    }

    /** {@code POST /VolumeDriver.Create}. */
    void create(VolumeName volume, Map<String, String> options) {
        activate();
        Map<String, Object> body = new TreeMap<>();
        body.put("Name", volume.value());
        body.put("Opts", options);
        client.call("VolumeDriver.Create", body, deadline, VolumePlugin::nothing);
    }

    /** {@code POST /VolumeDriver.Remove}. */
    void remove(VolumeName volume) {
        call("Remove", volume);
    }

    /**
     * {@code POST /VolumeDriver.Mount}: what it says where the volume is.
     *
     * @param reached is run just before the plugin hears of it
     */
    String mount(VolumeName volume, ContainerId holder, Runnable reached) {
        activate();
        return client.call("VolumeDriver.Mount", mounting(volume, holder), deadline, reached)
                .path("Mountpoint")
                .asString("");
    }

    /**
     * {@code POST /VolumeDriver.Unmount}.
     *
     * @param reached is run just before the plugin hears of it
     */
    void unmount(VolumeName volume, ContainerId holder, Runnable reached) {
        activate();
        client.call("VolumeDriver.Unmount", mounting(volume, holder), deadline, reached);
    }

    private static Map<String, String> mounting(VolumeName volume, ContainerId holder) {
        return new TreeMap<>(Map.of("Name", volume.value(), "ID", holder.value())).descendingMap();
    }

    /** {@code POST /VolumeDriver.Get}: whether it has the volume. */
    boolean has(VolumeName volume) {
        try {
            return ask("Get", volume).path("Volume").isObject();
        } catch (PluginClient.Refused e) {
            return false;
        }
    }

    /**
     * Whether it is well and has no such volume. Most plugins say so as they say that they are broken: what they list then decides.
     */
    boolean lacks(VolumeName volume) {
        try {
            return !ask("Get", volume).path("Volume").isObject();
        } catch (PluginClient.Refused e) {
            return listLacks(volume);
        }
    }

    private boolean listLacks(VolumeName volume) {
        try {
            return list().stream().noneMatch(one -> one.name().equals(volume.value()));
        } catch (PluginClient.Refused e) {
            return false;
        }
    }

    /** {@code POST /VolumeDriver.Get}; empty when it has none of that name. */
    Optional<PluginVolume> get(VolumeName volume) {
        JsonNode found;
        try {
            found = ask("Get", volume).path("Volume");
        } catch (PluginClient.Refused e) {
            return Optional.empty();
        }
        return found.isObject() ? Optional.of(described(volume, found, mountpoint(volume, found))) : Optional.empty();
    }

    /** {@code POST /VolumeDriver.List}: by what it calls them; what we could not call so is left out and logged. */
    List<PluginVolume> list() {
        activate();
        List<PluginVolume> all = new ArrayList<>();
        int left = 0;
        for (JsonNode one : client.call("VolumeDriver.List", Map.of(), toAsk, VolumePlugin::nothing)
                .path("Volumes")) {
            try {
                VolumeName volume = VolumeName.parse(one.path("Name").asString(""));
                all.add(described(volume, one, one.path("Mountpoint").asString("")));
            } catch (Failure.Invalid e) {
                left++;
            }
        }
        if (left > 0) {
            LOG.warn("volume plugin {} lists {} volumes by names that none can have: they are left out", name, left);
        }
        return all;
    }

    private PluginVolume described(VolumeName volume, JsonNode fields, String mountpoint) {
        JsonNode status = fields.path("Status");
        return new PluginVolume(
                name.value(),
                volume.value(),
                Mountpoint.shown(mountpoint, ours),
                time(fields.path("CreatedAt").asString("")),
                status.isObject() && !status.isEmpty() ? Json.mapper().convertValue(status, FIELDS) : null,
                scope());
    }

    private static @Nullable String time(String text) {
        try {
            return OffsetDateTime.parse(text).toString().isEmpty() ? null : text;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** What {@code Get} says, or else {@code POST /VolumeDriver.Path}. */
    private String mountpoint(VolumeName volume, JsonNode found) {
        String told = found.path("Mountpoint").asString("");
        if (!told.isEmpty()) {
            return told;
        }
        try {
            return ask("Path", volume).path("Mountpoint").asString("");
        } catch (PluginClient.Refused e) {
            return ""; // It has none while it is not mounted.
        }
    }

    /** {@code POST /VolumeDriver.Capabilities}, once; a plugin need not have it. */
    private String scope() {
        String known = scope;
        if (known == null) {
            known = askScope();
            scope = known;
        }
        return known;
    }

    private String askScope() {
        try {
            String told = client.call("VolumeDriver.Capabilities", Map.of(), toAsk, VolumePlugin::nothing)
                    .path("Capabilities")
                    .path("Scope")
                    .asString("")
                    .toLowerCase(Locale.ROOT);
            return told.equals(GLOBAL) ? GLOBAL : LOCAL;
        } catch (PluginClient.Refused e) {
            return LOCAL;
        }
    }

    private void call(String method, VolumeName volume) {
        activate();
        client.call(DRIVER + "." + method, Map.of("Name", volume.value()), deadline, VolumePlugin::nothing);
    }

    private JsonNode ask(String method, VolumeName volume) {
        activate();
        return client.call(DRIVER + "." + method, Map.of("Name", volume.value()), toAsk, VolumePlugin::nothing);
    }
}
