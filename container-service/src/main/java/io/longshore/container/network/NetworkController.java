package io.longshore.container.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.container.NetworkingConfig.EndpointConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.ClientJson;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** The paths on one network, and prune. */
@RestController
class NetworkController {
    private final NetworkInspection inspection;
    private final Connecting connecting;
    private final Removing removing;

    NetworkController(NetworkInspection inspection, Connecting connecting, Removing removing) {
        this.inspection = inspection;
        this.connecting = connecting;
        this.removing = removing;
    }

    /** Body of connect and disconnect (Engine API, NetworkConnectRequest and NetworkDisconnectRequest). */
    @JsonNaming(UpperCamelCaseStrategy.class)
    private record Body(
            @Nullable String container, @Nullable EndpointConfig endpointConfig, boolean force) {}

    /** GET /networks/{id}. */
    @GetMapping("/networks/{id}")
    Map<String, @Nullable Object> inspect(Caller caller, @PathVariable String id) {
        return inspection.inspect(caller, id);
    }

    /** POST /networks/{id}/connect. */
    @PostMapping("/networks/{id}/connect")
    void connect(Caller caller, @PathVariable String id, @RequestBody(required = false) byte @Nullable [] body) {
        Body asked = body(body);
        connecting.connect(
                caller, id, container(asked), Objects.requireNonNullElse(asked.endpointConfig, EndpointConfig.ANY));
    }

    /** POST /networks/{id}/disconnect. */
    @PostMapping("/networks/{id}/disconnect")
    void disconnect(Caller caller, @PathVariable String id, @RequestBody(required = false) byte @Nullable [] body) {
        connecting.disconnect(caller, id, container(body(body)));
    }

    private static Body body(byte @Nullable [] body) {
        return ClientJson.object(body == null ? new byte[0] : body, Body.class);
    }

    private static String container(Body body) {
        if (body.container == null || body.container.isEmpty()) {
            throw new Failure.Invalid("no container is named: Container is empty");
        }
        return body.container;
    }

    /** DELETE /networks/{id}. */
    @DeleteMapping("/networks/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(Caller caller, @PathVariable String id) {
        removing.remove(caller, id);
    }

    /** POST /networks/prune. */
    @PostMapping("/networks/prune")
    Map<String, List<String>> prune(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        return Map.of("NetworksDeleted", removing.prune(caller, filters));
    }
}
