package io.longshore.contracts.event;

import java.util.List;

/**
 * Events in commit order.
 *
 * @param events at most as many as were asked for
 * @param cursor where to go on, also when there was nothing
 * @param horizonNanos every event with an earlier time is in this page or an earlier one, unless the page is full
 */
public record EventPage(List<Event> events, String cursor, long horizonNanos) {}
