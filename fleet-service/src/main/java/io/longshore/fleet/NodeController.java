package io.longshore.fleet;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.platform.engine.Filters;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The nodes of the fleet, by the API of Docker's swarm nodes (Engine API, Node). */
@RestController
@RequestMapping("/nodes")
class NodeController {
    private static final Set<String> FILTERS = Set.of("id", "label", "membership", "name", "node.label", "role");
    private static final int MOST_LABELS = 64;
    private static final int LONGEST_LABEL = 256;

    private final Nodes nodes;

    NodeController(Nodes nodes) {
        this.nodes = nodes;
    }

    /** NodeSpec of the Engine API. */
    record Wish(
            @JsonProperty("Name") @Nullable String name,
            @JsonProperty("Labels") @Nullable Map<String, String> labels,
            @JsonProperty("Role") @Nullable String role,
            @JsonProperty("Availability") @Nullable String availability) {}

    /** GET /nodes. */
    @GetMapping
    List<NodeAnswer> list(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        NodeFilter wanted = new NodeFilter(Filters.parse(filters, FILTERS));
        return nodes.all().stream().filter(wanted).map(NodeAnswer::of).toList();
    }

    /** GET /nodes/{id}. */
    @GetMapping("/{id}")
    NodeAnswer inspect(Caller caller, @PathVariable String id) {
        return NodeAnswer.of(nodes.find(id));
    }

    /** POST /nodes/{id}/update. */
    @PostMapping("/{id}/update")
    void update(
            Caller caller,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable Long version,
            @RequestBody Wish wish) {
        Node node = nodes.find(id);
        if (version == null || version < 0) {
            throw new Failure.Invalid("invalid node version: want the one that inspecting the node gave");
        }
        if (wish.role != null && !wish.role.isEmpty() && !wish.role.equals("worker")) {
            throw new Failure.Invalid("invalid Role: \"" + wish.role
                    + "\": all nodes are workers, since what manages the" + " fleet are services of their own");
        }
        nodes.update(node, version, availability(wish.availability), labels(wish.labels));
    }

    private static Availability availability(@Nullable String wanted) {
        return switch (wanted) {
            case null -> Availability.ACTIVE;
            case "active" -> Availability.ACTIVE;
            case "pause" -> Availability.PAUSE;
            case "drain" -> Availability.DRAIN;
            default -> throw new Failure.Invalid("invalid Availability: \"" + wanted + "\"");
        };
    }

    private static Map<String, String> labels(@Nullable Map<String, String> wanted) {
        if (wanted == null) {
            return Map.of();
        }
        if (wanted.size() > MOST_LABELS) {
            throw new Failure.Invalid("a node may have " + MOST_LABELS + " labels, and these are " + wanted.size());
        }
        wanted.forEach((name, value) -> {
            if (name.isBlank() || name.length() > LONGEST_LABEL || value.length() > LONGEST_LABEL) {
                throw new Failure.Invalid("label \"" + name.substring(0, Math.min(name.length(), LONGEST_LABEL))
                        + "\" of a node: want a name and a value of " + LONGEST_LABEL + " characters at most");
            }
        });
        return Map.copyOf(wanted);
    }

    /** DELETE /nodes/{id}. */
    @DeleteMapping("/{id}")
    void remove(Caller caller, @PathVariable String id, @RequestParam(defaultValue = "false") Boolean force) {
        nodes.known(id).ifPresentOrElse(node -> nodes.remove(node, force), () -> nodes.removeUnheard(id));
    }
}
