package io.longshore.platform.data;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.EventPage;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads a service's events in commit order, see {@link io.longshore.contracts.event.EventsApi}. Holds no connection while it waits. */
final class EventReader {
    /** Finds what other processes committed, of which no signal comes. */
    private static final Duration POLL = Duration.ofMillis(250);
    /** An event is committed and an older transaction still runs: that will not take long. */
    private static final Duration SOON = Duration.ofMillis(5);

    private final EventRows rows;
    private final EventTimes times;
    private final EventSignal signal;

    EventReader(EventRows rows, EventTimes times, EventSignal signal) {
        this.rows = rows;
        this.times = times;
        this.signal = signal;
    }

    /** The cursor of this moment, without events. */
    EventPage now(String project) {
        long horizon = times.horizon();
        EventRows.Found found = rows.read(new EventCursor(Long.MAX_VALUE, 0), project, 0, 1);
        return new EventPage(
                found.events(),
                new EventCursor(found.settled(), 0).toString(),
                Math.min(horizon, found.unsettledNanos()));
    }

    /**
     * Events of the project after the cursor.
     *
     * @param cursor null for the oldest kept
     * @param wait how long to wait for a first event
     */
    EventPage read(@Nullable EventCursor cursor, String project, long sinceNanos, int limit, Duration wait)
            throws InterruptedException {
        Instant end = Instant.now().plus(wait);
        EventCursor after = cursor == null ? EventCursor.START : cursor;
        while (true) {
            long seen = signal.count();
            // Before the snapshot: what was decided until here is in it.
            long horizon = times.horizon();
            EventRows.Found found = rows.read(after, project, sinceNanos, limit);
            if (cursor != null) {
                check(cursor, found);
            }
            Duration left = Duration.between(Instant.now(), end);
            if (!found.events().isEmpty() || !left.isPositive()) {
                return page(after, found, Math.min(horizon, found.unsettledNanos()));
            }
            Duration pause = found.unsettledNanos() == Long.MAX_VALUE ? POLL : SOON;
            signal.await(seen, left.compareTo(pause) < 0 ? left : pause);
        }
    }

    private static EventPage page(EventCursor after, EventRows.Found found, long horizon) {
        if (!found.events().isEmpty()) {
            return new EventPage(found.events(), found.events().getLast().cursor(), horizon);
        }
        // All decided transactions have been looked through; those of other projects need not be again.
        EventCursor looked = new EventCursor(found.settled(), 0);
        return new EventPage(found.events(), (looked.compareTo(after) > 0 ? looked : after).toString(), horizon);
    }

    private static void check(EventCursor cursor, EventRows.Found found) {
        if (cursor.compareTo(found.trimmed()) < 0) {
            throw new Failure.Invalid(
                    "event cursor \"" + cursor + "\" is older than the oldest event kept: events are lost"
                            + " in between, read the present state and start again without a cursor");
        }
        if (cursor.xid() > found.next()) {
            throw new Failure.Invalid("event cursor \"" + cursor
                    + "\" is of another database: read the present state and" + " start again without a cursor");
        }
    }
}
