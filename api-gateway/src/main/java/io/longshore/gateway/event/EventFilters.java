package io.longshore.gateway.event;

import io.longshore.contracts.event.Event;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The filters of {@code GET /events}: values of one key are alternatives, but labels must all be there; all keys must hold.
 *
 * @param wanted as asked for
 */
record EventFilters(Filters wanted) {
    private static final String LABEL = "label";
    private static final Set<String> OBJECTS =
            Set.of("config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume");
    private static final Set<String> KEYS = Stream.concat(
                    OBJECTS.stream(), Stream.of("event", "image", LABEL, "scope", "type"))
            .collect(Collectors.toUnmodifiableSet());

    static EventFilters parse(@Nullable String text) {
        return new EventFilters(Filters.parse(text, KEYS));
    }

    boolean matches(Event event) {
        return LabelFilter.hasAll(event.attributes(), wanted.of(LABEL))
                && wanted.values().entrySet().stream().allMatch(entry -> matches(entry, event));
    }

    private static boolean matches(Map.Entry<String, List<String>> filter, Event event) {
        return filter.getKey().equals(LABEL)
                || filter.getValue().isEmpty()
                || filter.getValue().stream().anyMatch(value -> matches(filter.getKey(), value, event));
    }

    private static boolean matches(String key, String value, Event event) {
        return switch (key) {
            case "type" -> value.equals(event.type());
            case "event" -> value.equals(event.action()) || event.action().startsWith(value + ":");
            case "scope" -> value.equals("local");
            case "image" -> isOfImage(value, event);
            default -> key.equals(event.type()) && isNamed(value, event);
        };
    }

    /** By id, by a prefix of it, or by a prefix of the name, as the Engine compares. */
    private static boolean isNamed(String value, Event event) {
        return event.actorId().startsWith(value)
                || event.attributes().getOrDefault("name", "").startsWith(value);
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
