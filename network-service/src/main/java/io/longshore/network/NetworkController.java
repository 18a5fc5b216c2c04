package io.longshore.network;

import io.longshore.contracts.Caller;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET /networks and GET /networks/{id}. */
@RestController
class NetworkController {
    private final Networks networks;

    NetworkController(Networks networks) {
        this.networks = networks;
    }

    @GetMapping("/networks")
    List<Map<String, @Nullable Object>> list(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        NetworkFilter filter = NetworkFilter.parse(filters);
        return networks.list(caller.project()).stream()
                .filter(filter::shows)
                .map(NetworkController::json)
                .toList();
    }

    @GetMapping("/networks/{id}")
    Map<String, @Nullable Object> inspect(Caller caller, @PathVariable String id) {
        return json(networks.find(caller.project(), id));
    }

    /** As the Engine API has it (Network). Endpoints of predefined networks have no addresses and are not shown. */
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
