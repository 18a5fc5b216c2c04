package io.longshore.gateway.event;

import io.longshore.contracts.Caller;
import io.longshore.contracts.event.Event;
import io.longshore.platform.engine.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The events of several services for one reader, in order of time as far as each service has them in order. An event goes out when every
 * other service has said that it has no earlier one; a service that does not answer is a failure. Not thread-safe.
 */
final class EventMerge {
    /** For each read. */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** How long a service is asked to wait that still has an older event under way, so that asking it does not spin. */
    private static final int UNDER_WAY_MILLIS = 10;
    /** Longest wait for news at a time. */
    private static final long WAIT_MILLIS = 60_000;

    private final List<EventSource> sources;
    private final News news;
    private final Caller caller;
    private final long sinceNanos;
    private final long untilNanos;

    /** An event and where to go on after it. */
    record Merged(Event event, Position position) {}

    /**
     * Merges the sources' events from {@code sinceNanos} to {@code untilNanos}, nanoseconds since the epoch.
     *
     * @param news of the sources' services
     */
    EventMerge(List<EventSource> sources, News news, Caller caller, long sinceNanos, long untilNanos) {
        this.sources = List.copyOf(sources);
        this.news = news;
        this.caller = caller;
        this.sinceNanos = sinceNanos;
        this.untilNanos = untilNanos;
    }

    /** Asks every source once: what happens after this will be seen. */
    void begin() {
        sources.forEach(source -> read(source, 0));
    }

    /** The next event, waiting for it; null after {@code until}. */
    @Nullable
    Merged next() throws InterruptedException {
        int wait = 0;
        while (true) {
            EventSource first = earliest();
            long edge = first == null ? untilNanos : first.nextNanos();
            if (sources.stream().allMatch(source -> source.knowsUntil(edge))) {
                return first == null ? null : taken(first);
            }
            if (first != null || left() <= 0) {
                for (EventSource source : sources) {
                    if (!source.knowsUntil(edge)) {
                        read(source, wait);
                    }
                }
                wait = UNDER_WAY_MILLIS;
            } else if (sources.stream().anyMatch(EventSource::wantsMore)) {
                sources.stream().filter(EventSource::wantsMore).forEach(source -> read(source, 0));
            } else {
                Set<String> services = news.await(Math.min(left(), WAIT_MILLIS));
                sources.stream()
                        .filter(source -> services.contains(source.name()))
                        .forEach(EventSource::noteNews);
            }
        }
    }

    /** Of those with an event that the reader wants; an event after {@code until} may come before one that is not. */
    private @Nullable EventSource earliest() {
        EventSource first = null;
        for (EventSource source : sources) {
            while (!source.isEmpty() && source.nextNanos() > untilNanos) {
                source.skip();
            }
            if (!source.isEmpty() && (first == null || source.nextNanos() < first.nextNanos())) {
                first = source;
            }
        }
        return first;
    }

    private Merged taken(EventSource source) {
        Event event = source.take();
        Map<String, String> cursors = new HashMap<>();
        for (EventSource one : sources) {
            String shown = one.shown();
            if (shown != null) {
                cursors.put(one.name(), shown);
            }
        }
        return new Merged(event, new Position(cursors, sinceNanos));
    }

    /** Milliseconds until {@code until}, which has to be noticed although nothing happens. */
    private long left() {
        long now = Timestamps.nanos(Instant.now());
        return untilNanos <= now ? 0 : (untilNanos - now) / 1_000_000 + 1;
    }

    private void read(EventSource source, int waitMillis) {
        source.read(
                new Caller(caller.principal(), caller.project(), Instant.now().plus(LIMIT), caller.traceId()),
                sinceNanos,
                waitMillis);
    }
}
