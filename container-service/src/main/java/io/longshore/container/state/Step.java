package io.longshore.container.state;

import java.util.List;

/**
 * A change to a row, with the events that are committed with it, in order.
 *
 * @param row as it will be
 * @param events none when nobody needs to hear of it
 */
public record Step(ContainerRow row, List<EventDraft> events) {
    /** How many ends of the process this step accounts for. */
    public long exitsSince(ContainerRow before) {
        return row.exits() - before.exits();
    }
}
