package io.longshore.platform.data;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.EventPage;
import io.longshore.contracts.event.EventsApi;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /internal/events} of every service that has a schema: the events of the caller's project. */
@RestController
final class EventsController implements EventsApi {
    private static final int MOST_EVENTS = 1_000;
    private static final int LONGEST_WAIT_MILLIS = 30_000;

    private final EventReader reader;

    EventsController(EventReader reader) {
        this.reader = reader;
    }

    @Override
    public EventPage read(Caller caller, @Nullable String cursor, long sinceNanos, int limit, int waitMillis) {
        if (limit < 1 || limit > MOST_EVENTS) {
            throw new Failure.Invalid("limit " + limit + " is not between 1 and " + MOST_EVENTS);
        }
        if (waitMillis < 0 || waitMillis > LONGEST_WAIT_MILLIS) {
            throw new Failure.Invalid("waitMillis " + waitMillis + " is not between 0 and " + LONGEST_WAIT_MILLIS);
        }
        if ("now".equals(cursor)) {
            return reader.now(caller.project());
        }
        try {
            Duration wait = Duration.ofMillis(waitMillis);
            Duration remaining = caller.remaining();
            return reader.read(
                    cursor == null || cursor.isEmpty() ? null : EventCursor.parse(cursor),
                    caller.project(),
                    sinceNanos,
                    limit,
                    wait.compareTo(remaining) < 0 ? wait : remaining);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("the service is stopping", e);
        }
    }
}
