package io.longshore.contracts.event;

import io.longshore.contracts.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;

/** Each service's events, which the gateway merges. A cursor is (xid8, sequence), since a sequence is not commit order. */
public interface EventsApi {
    /**
     * Events of the caller's project after {@code cursor} ({@code null}: from the oldest kept; {@code "now"}: none, only the cursor of this moment), oldest
     * first, at most {@code limit} (1 to 1,000). Waits up to {@code waitMillis} (at most 30,000) for a first one. A cursor older than
     * the oldest kept event is {@code INVALID}, so that a reader learns that it lost something.
     *
     * @param sinceNanos only events at or after this time; 0 for all
     */
    @GetExchange("/internal/events")
    EventPage read(
            Caller caller,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam long sinceNanos,
            @RequestParam int limit,
            @RequestParam int waitMillis);
}
