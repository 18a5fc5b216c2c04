package io.longshore.contracts.event;

import java.util.Map;

/**
 * One event, as {@code GET /events} shows it.
 *
 * @param cursor where to resume after this event within its service
 * @param project the project of the object
 * @param type container, image, volume, network, ...
 * @param action create, start, die, ...
 * @param actorId the object's id
 * @param attributes name, image, exitCode, labels, ...
 * @param timeNanos when it was told of, nanoseconds since the epoch; later events may have earlier times, since events come in the order
 *     in which transactions began and not in that of their changes
 */
public record Event(
        String cursor,
        String project,
        String type,
        String action,
        String actorId,
        Map<String, String> attributes,
        long timeNanos) {}
