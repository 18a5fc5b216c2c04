package io.longshore.network;

import io.longshore.contracts.error.Failure;
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
 * The filters of GET /networks (Engine API, NetworkList), in both JSON forms that clients use.
 *
 * @param values by key
 */
record NetworkFilter(Map<String, List<String>> values) {
    private static final Set<String> KEYS = Set.of("dangling", "driver", "id", "label", "name", "scope", "type");

    static NetworkFilter parse(@Nullable String text) {
        Map<String, List<String>> values = new HashMap<>();
        if (text != null && !text.isEmpty()) {
            try {
                for (Map.Entry<String, JsonNode> entry :
                        Json.mapper().readTree(text).properties()) {
                    if (!KEYS.contains(entry.getKey())) {
                        throw new Failure.Invalid("invalid filter '" + entry.getKey() + "'");
                    }
                    List<String> all = new ArrayList<>();
                    entry.getValue().properties().forEach(value -> all.add(value.getKey()));
                    entry.getValue().values().forEach(value -> {
                        if (value.isString()) {
                            all.add(value.asString());
                        }
                    });
                    values.put(entry.getKey(), all);
                }
            } catch (JacksonException e) {
                throw new Failure.Invalid("invalid filter: not JSON: " + text, e);
            }
        }
        return new NetworkFilter(values);
    }

    boolean shows(Network network) {
        return any("driver", network.driver()::equals)
                && any("id", network.id()::startsWith)
                && any("name", network.name()::contains)
                && any("scope", "local"::equals)
                && any("type", "builtin"::equals)
                // Predefined networks have no labels, and are never dangling.
                && any("label", label -> false)
                && any("dangling", value -> value.equals("false") || value.equals("0"));
    }

    private boolean any(String key, java.util.function.Predicate<String> matches) {
        List<String> wanted = values.getOrDefault(key, List.of());
        return wanted.isEmpty() || wanted.stream().anyMatch(matches);
    }
}
