package io.longshore.gateway.event;

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
    private int generation;
    private boolean waiting;
    private boolean peeking;
    private int peeks;

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

    EventsApi api() {
        return api;
    }

    /** Where the next page begins. */
    @Nullable
    String cursor() {
        return read;
    }

    /** After the last event that was taken; null before the first. */
    @Nullable
    String shown() {
        return shown;
    }

    /** Changes with each page, so that a page asked for before another came is known to be old. */
    int generation() {
        return generation;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /** Time of the next event; only when there is one. */
    long nextNanos() {
        return pending.getFirst().timeNanos();
    }

    /** Every event before this time is known here. */
    boolean knowsUntil(long nanos) {
        return horizon >= nanos;
    }

    Event take() {
        Event event = pending.removeFirst();
        shown = event.cursor();
        return event;
    }

    void accept(EventPage page) {
        generation++;
        waiting = false;
        peeking = false;
        pending.addAll(page.events());
        read = page.cursor();
        if (page.events().isEmpty()) {
            shown = page.cursor();
        } else {
            peeks = 0;
        }
        boolean full = page.events().size() >= PAGE;
        horizon = full ? page.events().getLast().timeNanos() : Math.max(horizon, page.horizonNanos());
    }

    /** Whether to ask and wait for news now; notes that it is done. */
    boolean beginWaiting() {
        boolean begin = pending.isEmpty() && !waiting;
        waiting |= begin;
        return begin;
    }

    /** Whether to ask now how far it is, without waiting; notes that it is done. */
    boolean beginPeeking() {
        boolean begin = pending.isEmpty() && !peeking;
        peeking |= begin;
        return begin;
    }

    /** How long the next look may take, in milliseconds: not at all at first, then a little, so that it does not spin. */
    int peekMillis() {
        return peeks++ == 0 ? 0 : 10;
    }
}
