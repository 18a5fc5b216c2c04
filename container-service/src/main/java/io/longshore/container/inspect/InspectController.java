package io.longshore.container.inspect;

import io.longshore.container.placement.Nodes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** GET /containers/{id}/json. The sizes that {@code size=1} asks for are not measured yet and left out. */
@RestController
class InspectController {
    private final Inspector inspector;

    InspectController(Inspector inspector) {
        this.inspector = inspector;
    }

    @GetMapping("/containers/{id}/json")
    Map<String, @Nullable Object> inspect(
            Caller caller,
            @PathVariable String id,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version) {
        return inspector.inspect(caller, id, ApiVersion.parse(version));
    }

    /** Reads the row and the facts of its node. */
    @Component
    static class Inspector {
        private final ContainerStore store;
        private final Nodes nodes;

        Inspector(ContainerStore store, Nodes nodes) {
            this.store = store;
            this.nodes = nodes;
        }

        Map<String, @Nullable Object> inspect(Caller caller, String reference, ApiVersion version) {
            ContainerRow row = store.find(caller.project(), reference);
            return Inspection.of(row, nodes.node(caller, row.node()).info(), version);
        }
    }
}
