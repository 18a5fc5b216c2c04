package io.longshore.container.state;

import io.longshore.platform.data.NewEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * An event of type container that is to be committed together with the change it tells of.
 *
 * @param action create, start, die, ...
 * @param attributes labels, image and name of the container, and what the action adds
 */
public record EventDraft(String action, Map<String, String> attributes) {
    /** An event of this container, with additional attributes. */
    public static EventDraft of(ContainerRow row, String action, Map<String, String> more) {
        Map<String, String> attributes = new LinkedHashMap<>(row.labels());
        attributes.put("image", Objects.requireNonNullElse(row.config().image(), ""));
        attributes.put("name", row.name());
        attributes.putAll(more);
        return new EventDraft(action, attributes);
    }

    /** As the outbox takes it. */
    public NewEvent of(ContainerRow row) {
        return new NewEvent(row.project(), "container", action, row.id().value(), attributes);
    }

    /** An event of this container. */
    public static EventDraft of(ContainerRow row, String action) {
        return of(row, action, Map.of());
    }
}
