package io.longshore.platform.engine;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The query parameter {@code filters} of the Engine API: {@code {"label":["a=b"]}} as documented, or {@code {"label":{"a=b":true}}}
 * as Go clients send it. Values of one key are alternatives, keys must all match.
 *
 * @param values by key, in the order given
 */
public record Filters(Map<String, List<String>> values) {
    private static final JsonMapper JSON = Json.mapper();

    /** Reads the parameter; a key that is not known is refused by name. */
    public static Filters parse(@Nullable String text, Set<String> known) {
        if (text == null || text.isEmpty()) {
            return new Filters(Map.of());
        }
        JsonNode tree = tree(text);
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            if (!known.contains(entry.getKey())) {
                throw new Failure.Invalid("invalid filter '" + entry.getKey() + "'");
            }
            values.put(entry.getKey(), list(entry.getKey(), entry.getValue()));
        }
        return new Filters(values);
    }

    private static JsonNode tree(String text) {
        try {
            JsonNode tree = JSON.readTree(text);
            if (tree.isObject()) {
                return tree;
            }
        } catch (JacksonException e) {
            throw new Failure.Invalid("invalid filter: not JSON: " + text, e);
        }
        throw new Failure.Invalid("invalid filter: want a JSON object, got " + text);
    }

    private static List<String> list(String key, JsonNode node) {
        List<String> result = new ArrayList<>();
        if (node.isArray()) {
            for (JsonNode value : node) {
                if (!value.isString()) {
                    throw new Failure.Invalid("invalid filter '" + key + "': want strings, got " + value);
                }
                result.add(value.asString());
            }
        } else if (node.isObject()) {
            for (Map.Entry<String, JsonNode> value : node.properties()) {
                if (!value.getValue().isBoolean()) {
                    throw new Failure.Invalid("invalid filter '" + key + "': want true, got " + value.getValue());
                }
                if (value.getValue().asBoolean()) {
                    result.add(value.getKey());
                }
            }
        } else {
            throw new Failure.Invalid("invalid filter '" + key + "': want a list, got " + node);
        }
        return result;
    }

    /** Whether the key was given with at least one value. */
    public boolean has(String key) {
        return !of(key).isEmpty();
    }

    /** The values of a key; empty when it was not given. */
    public List<String> of(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** The value of a key that takes true or false; null when it was not given. */
    public @Nullable Boolean truth(String key) {
        List<String> given = of(key);
        if (given.isEmpty()) {
            return null;
        }
        return switch (given.size() == 1 ? given.getFirst() : "") {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new Failure.Invalid("invalid filter '" + key + "=" + given + "'");
        };
    }
}
