package io.longshore.gateway.event;

import io.longshore.contracts.Caller;
import io.longshore.contracts.event.Event;
import io.longshore.contracts.event.EventPage;
import io.longshore.contracts.event.EventsApi;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One service's events, as far as one reader has got. Used by that reader's thread only. */
final class EventSource {
    /** Events of one page, and so the most that wait here. */
    static final int PAGE = 200;

    private final String name;
    private final EventsApi api;
    private final Deque<Event> pending = new ArrayDeque<>();
    private @Nullable String read;
    private @Nullable String shown;
    private long horizon = Long.MIN_VALUE;
    private boolean behind = true;

    /**
     * A source.
     *
     * @param cursor where to begin, null for the oldest kept
     */
    EventSource(String name, EventsApi api, @Nullable String cursor) {
        this.name = name;
        this.api = api;
        this.read = cursor;
        this.shown = cursor;
    }

    String name() {
        return name;
    }

    /** After the last event that was taken; null before the first. */
    @Nullable
    String shown() {
        return shown;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /** Time of the next event; only when there is one. */
    long nextNanos() {
        return pending.getFirst().timeNanos();
    }

    /** Whether it can be said that no event before this time comes from here but those that are pending. */
    boolean knowsUntil(long nanos) {
        return !pending.isEmpty() || horizon >= nanos;
    }

    /** The service may have more than was read. */
    void noteNews() {
        behind = true;
    }

    /** Whether to read on before waiting for news. */
    boolean wantsMore() {
        return behind && pending.isEmpty();
    }

    Event take() {
        Event event = pending.removeFirst();
        shown = event.cursor();
        return event;
    }

    /** Passes over the next event, which the reader does not want. */
    void skip() {
        pending.removeFirst();
    }

    /** Reads on; only when empty. */
    void read(Caller caller, long sinceNanos, int waitMillis) {
        EventPage page = api.read(caller, read, sinceNanos, PAGE, waitMillis);
        behind = page.events().size() >= PAGE;
        pending.addAll(page.events());
        read = page.cursor();
        if (page.events().isEmpty()) {
            shown = page.cursor();
        }
        if (!behind) {
            horizon = Math.max(horizon, page.horizonNanos());
        }
    }
}
