package io.longshore.platform.data;

import java.util.Map;

/**
 * An event that is about to be: the outbox adds the time and the cursor.
 *
 * @param project the project of the object
 * @param type container, image, volume, network, ...
 * @param action create, start, die, ...
 * @param actorId the object's id
 * @param attributes name, image, exitCode, labels, ...
 */
public record NewEvent(String project, String type, String action, String actorId, Map<String, String> attributes) {
    public NewEvent {
        attributes = Map.copyOf(attributes);
    }
}
