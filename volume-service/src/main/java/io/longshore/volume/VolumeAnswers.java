package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.VolumeUsageApi;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET /volumes and GET /volumes/{name}, as the Engine API has them, and what GET /system/df needs. */
@RestController
class VolumeAnswers implements VolumeUsageApi {
    /** The size of a volume that cannot be measured (Engine API, Volume). */
    private static final long UNKNOWN = -1;

    private static final Set<String> FILTERS = Set.of("dangling", "driver", "label", "name");

    private final Volumes volumes;
    private final PluggedVolumes plugged;
    private final NodeVolumes nodes;

    VolumeAnswers(Volumes volumes, PluggedVolumes plugged, NodeVolumes nodes) {
        this.volumes = volumes;
        this.plugged = plugged;
        this.nodes = nodes;
    }

    @GetMapping("/volumes")
    Map<String, @Nullable Object> list(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        Filters filter = Filters.parse(filters, FILTERS);
        Boolean dangling = filter.truth("dangling");
        List<Volume> rows = volumes.list(caller.project(), null);
        List<Node> fleet = nodes.all(caller);
        PluggedVolumes.Listed plugins = plugged.list(caller, fleet, rows);
        List<Volume> found = dangling == null ? rows : volumes.list(caller.project(), dangling);
        List<Volume> shown = Stream.concat(
                        found.stream(), Boolean.FALSE.equals(dangling) ? Stream.of() : plugins.unknown().stream())
                .filter(volume -> shows(filter, volume))
                .sorted(Comparator.comparing(Volume::name))
                .toList();
        Map<NodeId, String> roots = NodeVolumes.dataRoots(fleet);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put(
                "Volumes",
                shown.stream()
                        .map(volume -> volume.isPlugged() ? json(volume, plugins.of(volume)) : json(volume, roots))
                        .toList());
        answer.put("Warnings", plugins.warnings().isEmpty() ? null : plugins.warnings());
        return answer;
    }

    @GetMapping("/volumes/{name}")
    Map<String, @Nullable Object> inspect(Caller caller, @PathVariable String name) {
        return answer(caller, volumes.find(caller, name));
    }

    @Override
    public List<Map<String, @Nullable Object>> usage(Caller caller) {
        List<Volume> all = volumes.list(caller.project(), null).stream()
                .filter(Volume::isOwnSpace)
                .toList();
        Map<NodeId, String> roots = all.isEmpty() ? Map.of() : nodes.dataRoots(caller);
        Map<String, Integer> users = volumes.users(caller.project());
        Map<String, Long> sizes = nodes.sizes(caller, all);
        List<Map<String, @Nullable Object>> answer = new ArrayList<>();
        for (Volume volume : all) {
            Map<String, @Nullable Object> fields = json(volume, roots);
            Map<String, Object> usage = new LinkedHashMap<>();
            usage.put("RefCount", users.getOrDefault(volume.name(), 0));
            usage.put("Size", sizes.getOrDefault(volume.name(), UNKNOWN));
            fields.put("UsageData", usage);
            answer.add(fields);
        }
        return answer;
    }

    private static boolean shows(Filters filter, Volume volume) {
        boolean named = !filter.has("name") || filter.of("name").stream().anyMatch(volume.name()::contains);
        boolean driven = !filter.has("driver") || filter.of("driver").contains(volume.driver());
        boolean labelled = LabelFilter.hasAll(volume.shownLabels(), filter.of("label"));
        return named && driven && labelled;
    }

    /** As the Engine API has it; one that has no node yet has no mount point. */
    Map<String, @Nullable Object> answer(Caller caller, Volume volume) {
        if (volume.isPlugged()) {
            return json(volume, volume.node() == null ? null : plugged.described(caller, volume));
        }
        return json(volume, volume.node() == null ? Map.of() : nodes.dataRoots(caller));
    }

    private static String mountpoint(Volume volume, Map<NodeId, String> roots) {
        NodeId node = volume.node();
        if (node == null) {
            return "";
        }
        String root = roots.get(node);
        if (root == null) {
            throw new Failure.Unavailable("node " + node + " is not known to the fleet");
        }
        return root + "/volumes/" + volume.name() + "/_data";
    }

    private static Map<String, @Nullable Object> json(Volume volume, Map<NodeId, String> roots) {
        return json(volume, mountpoint(volume, roots), "local");
    }

    /** @param described by its plugin; null when that does not say anything of it now */
    private static Map<String, @Nullable Object> json(Volume volume, @Nullable PluginVolume described) {
        if (described == null) {
            return json(volume, "", "local");
        }
        Map<String, @Nullable Object> answer = json(volume, described.mountpoint(), described.scope());
        if (described.createdAt() != null) {
            answer.put("CreatedAt", described.createdAt());
        }
        if (described.status() != null) {
            answer.put("Status", described.status());
        }
        return answer;
    }

    private static Map<String, @Nullable Object> json(Volume volume, String mountpoint, String scope) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put(
                "CreatedAt",
                DateTimeFormatter.ISO_INSTANT.format(
                        volume.created().truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC)));
        answer.put("Driver", volume.driver());
        answer.put("Labels", volume.labels());
        answer.put("Mountpoint", mountpoint);
        answer.put("Name", volume.name());
        answer.put("Options", volume.options());
        answer.put("Scope", scope);
        return answer;
    }
}
