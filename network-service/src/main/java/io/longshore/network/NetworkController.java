package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.network.definition.CreateBody;
import io.longshore.network.definition.Network;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** GET /networks and POST /networks/create. The Engine's other paths on networks need to know who runs: container-service has them. */
@RestController
class NetworkController {
    /** As the Engine API has them (NetworkList). */
    private static final Set<String> FILTERS = Set.of("dangling", "driver", "id", "label", "name", "scope", "type");

    private final Networks networks;
    private final Endpoints endpoints;

    NetworkController(Networks networks, Endpoints endpoints) {
        this.networks = networks;
        this.endpoints = endpoints;
    }

    @GetMapping("/networks")
    List<Map<String, @Nullable Object>> list(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        Filters filter = Filters.parse(filters, FILTERS);
        Boolean dangling = filter.truth("dangling");
        Set<String> used = dangling == null ? Set.of() : endpoints.inUse(caller.project());
        return networks.list(caller).stream()
                .filter(network -> shows(filter, network))
                .filter(network ->
                        dangling == null || dangling == (!network.predefined() && !used.contains(network.id())))
                .map(NetworkAnswer::of)
                .toList();
    }

    @PostMapping("/networks/create")
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, String> create(
            Caller caller,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            @RequestBody(required = false) byte @Nullable [] body) {
        CreateBody.Wish wish = CreateBody.parse(body == null ? new byte[0] : body, ApiVersion.parse(version));
        return Map.of("Id", networks.create(caller, wish), "Warning", "");
    }

    private static boolean shows(Filters filter, Network network) {
        return any(filter, "driver", network.driver()::equals)
                && any(filter, "id", network.id()::startsWith)
                && any(filter, "name", network.name()::contains)
                && any(filter, "scope", network.scope()::equals)
                && any(filter, "type", (network.predefined() ? "builtin" : "custom")::equals)
                && LabelFilter.hasAll(network.definition().labels(), filter.of("label"));
    }

    private static boolean any(Filters filter, String key, Predicate<String> matches) {
        return !filter.has(key) || filter.of(key).stream().anyMatch(matches);
    }
}
