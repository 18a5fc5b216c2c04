package io.longshore.gateway.event;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.Event;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The filters of {@code GET /events}: values of one key are alternatives, all keys must hold.
 *
 * @param wanted by key
 */
record EventFilters(Map<String, List<String>> wanted) {
    private static final Set<String> OBJECTS =
            Set.of("config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume");
    private static final Set<String> OTHERS = Set.of("event", "image", "label", "scope", "type");

    /** Reads either form: {@code {"key":["value"]}}, or {@code {"key":{"value":true}}} as Go's clients send it. */
    static EventFilters parse(@Nullable String json) {
        Map<String, List<String>> wanted = new HashMap<>();
        if (json != null && !json.isBlank()) {
            for (Map.Entry<String, JsonNode> entry : object(json).properties()) {
                if (!OBJECTS.contains(entry.getKey()) && !OTHERS.contains(entry.getKey())) {
                    throw new Failure.Invalid("invalid filter '" + entry.getKey() + "'");
                }
                wanted.put(entry.getKey(), values(entry.getKey(), entry.getValue()));
            }
        }
        return new EventFilters(Map.copyOf(wanted));
    }

    private static JsonNode object(String json) {
        try {
            JsonNode tree = Json.mapper().readTree(json);
            if (tree.isObject()) {
                return tree;
            }
        } catch (JacksonException e) {
            throw new Failure.Invalid("invalid filters: " + Json.problem(e), e);
        }
        throw new Failure.Invalid("invalid filters: not a JSON object");
    }

    private static List<String> values(String key, JsonNode node) {
        List<String> values = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(entry -> values.add(entry.getKey()));
        } else if (node.isArray()) {
            node.forEach(value -> values.add(value.asString()));
        } else {
            throw new Failure.Invalid("invalid filter '" + key + "': want a list of values");
        }
        return List.copyOf(values);
    }

    boolean matches(Event event) {
        return wanted.entrySet().stream().allMatch(entry -> matches(entry.getKey(), entry.getValue(), event));
    }

    private static boolean matches(String key, List<String> values, Event event) {
        return values.isEmpty() || values.stream().anyMatch(value -> matches(key, value, event));
    }

    private static boolean matches(String key, String value, Event event) {
        return switch (key) {
            case "type" -> value.equals(event.type());
            case "event" -> value.equals(event.action()) || event.action().startsWith(value + ":");
            case "scope" -> value.equals("local");
            case "label" -> hasLabel(value, event);
            case "image" -> isOfImage(value, event);
            default -> key.equals(event.type()) && isNamed(value, event);
        };
    }

    /** By id, by a prefix of it, or by a prefix of the name, as the Engine compares. */
    private static boolean isNamed(String value, Event event) {
        return event.actorId().startsWith(value)
                || event.attributes().getOrDefault("name", "").startsWith(value);
    }

    private static boolean hasLabel(String value, Event event) {
        int equals = value.indexOf('=');
        if (equals < 0) {
            return event.attributes().containsKey(value);
        }
        return value.substring(equals + 1).equals(event.attributes().get(value.substring(0, equals)));
    }

    /** An image's own events, and those of containers made of it; with or without its tag. */
    private static boolean isOfImage(String value, Event event) {
        String name = event.attributes().getOrDefault(event.type().equals("image") ? "name" : "image", "");
        boolean byName =
                !name.isEmpty() && (name.equals(value) || withoutTag(name).equals(value));
        return byName || (event.type().equals("image") && event.actorId().equals(value));
    }

    private static String withoutTag(String name) {
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
    }
}
