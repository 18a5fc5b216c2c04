package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.platform.engine.Filters;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET /networks and GET /networks/{id}. */
@RestController
class NetworkController {
    /** As the Engine API has them (NetworkList). */
    private static final Set<String> FILTERS = Set.of("dangling", "driver", "id", "label", "name", "scope", "type");

    private final Networks networks;

    NetworkController(Networks networks) {
        this.networks = networks;
    }

    @GetMapping("/networks")
    List<Map<String, @Nullable Object>> list(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        Filters filter = Filters.parse(filters, FILTERS);
        return networks.list(caller.project()).stream()
                .filter(network -> shows(filter, network))
                .map(NetworkController::json)
                .toList();
    }

    @GetMapping("/networks/{id}")
    Map<String, @Nullable Object> inspect(Caller caller, @PathVariable String id) {
        return json(networks.find(caller.project(), id));
    }

    /** Predefined networks have no labels and are never dangling. */
    private static boolean shows(Filters filter, Network network) {
        return any(filter, "driver", network.driver()::equals)
                && any(filter, "id", network.id()::startsWith)
                && any(filter, "name", network.name()::contains)
                && any(filter, "scope", "local"::equals)
                && any(filter, "type", "builtin"::equals)
                && !filter.has("label")
                && !Boolean.TRUE.equals(filter.truth("dangling"));
    }

    private static boolean any(Filters filter, String key, Predicate<String> matches) {
        return !filter.has(key) || filter.of(key).stream().anyMatch(matches);
    }

    /**
     * As the Engine API has it (Network). Containers is always empty: an endpoint is claimed for the life of a container here, whether it
     * runs or not, and this service knows neither that nor the container's name.
     */
    private static Map<String, @Nullable Object> json(Network network) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("Name", network.name());
        answer.put("Id", network.id());
        answer.put(
                "Created",
                DateTimeFormatter.ISO_INSTANT.format(network.created().atOffset(ZoneOffset.UTC)));
        answer.put("Scope", "local");
        answer.put("Driver", network.driver());
        answer.put("EnableIPv4", true);
        answer.put("EnableIPv6", false);
        Map<String, @Nullable Object> ipam = new LinkedHashMap<>();
        ipam.put("Driver", "default");
        ipam.put("Options", null);
        ipam.put("Config", null);
        answer.put("IPAM", ipam);
        answer.put("Internal", false);
        answer.put("Attachable", false);
        answer.put("Ingress", false);
        answer.put("ConfigFrom", Map.of("Network", ""));
        answer.put("ConfigOnly", false);
        answer.put("Containers", Map.of());
        answer.put("Options", Map.of());
        answer.put("Labels", Map.of());
        return answer;
    }
}
