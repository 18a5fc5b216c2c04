package io.longshore.container.inspect;

import io.longshore.container.placement.Nodes;
import io.longshore.container.request.LinkWish;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.RunningSessions;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.web.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** GET /containers/{id}/json. */
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
            @RequestParam(defaultValue = "false") boolean size,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version) {
        return inspector.inspect(caller, id, size, ApiVersion.parse(version));
    }

    /** Reads the row, the facts of its node, and what changes too often to be in the row. */
    @Component
    static class Inspector {
        private final ContainerStore store;
        private final Nodes nodes;
        private final Sizes sizes;
        private final RunningSessions sessions;
        private final LatestHealth health;

        Inspector(ContainerStore store, Nodes nodes, Sizes sizes, RunningSessions sessions, LatestHealth health) {
            this.health = health;
            this.sessions = sessions;
            this.store = store;
            this.nodes = nodes;
            this.sizes = sizes;
        }

        Map<String, @Nullable Object> inspect(Caller caller, String reference, boolean sized, ApiVersion version) {
            ContainerRow row = store.find(caller.project(), reference);
            var live = new Inspection.Live(sessions.of(row), health.of(caller, row));
            Map<String, @Nullable Object> answer =
                    Inspection.of(row, nodes.node(caller, row.node()).info(), live, version);
            if (!LinkWish.of(row.request()).isEmpty()) {
                answer.put("HostConfig", linked(row));
            }
            if (sized) {
                ContainerSize size = sizes.of(caller, row);
                answer.put("SizeRw", size.ownBytes());
                answer.put("SizeRootFs", size.rootBytes());
            }
            return answer;
        }

        /** Links as they are now: those to containers that are gone are gone, too. */
        private JsonNode linked(ContainerRow row) {
            List<LinkSpec> links = row.resolved().network().links();
            Map<ContainerId, String> names =
                    store
                            .byIds(links.stream()
                                    .map(link -> link.container().value())
                                    .toList())
                            .stream()
                            .collect(Collectors.toMap(ContainerRow::id, ContainerRow::name));
            ObjectNode host = Json.mapper().valueToTree(row.hostConfig());
            ArrayNode shown = host.putArray("Links");
            for (LinkSpec link : links) {
                String name = names.get(link.container());
                if (name != null) {
                    shown.add("/" + name + ":/" + row.name() + "/" + link.alias());
                }
            }
            return host;
        }
    }
}
