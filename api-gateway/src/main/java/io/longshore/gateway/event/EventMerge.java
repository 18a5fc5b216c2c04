package io.longshore.gateway.event;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.Event;
import io.longshore.contracts.event.EventPage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The events of several services in order of time, for one reader. An event goes out when every other service has said that it has no
 * earlier one; a service that does not answer is a failure, since silence would look like peace. Not thread-safe.
 */
final class EventMerge implements AutoCloseable {
    private static final int WAIT_MILLIS = 20_000;
    private static final Duration LIMIT = Duration.ofMillis(WAIT_MILLIS + 10_000);

    private final List<EventSource> sources;
    private final Caller caller;
    private final long sinceNanos;
    private final long untilNanos;
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private volatile boolean closed;

    /** An event and where to go on after it. */
    record Merged(Event event, Position position) {}

    private record Answer(
            EventSource source,
            int generation,
            @Nullable EventPage page,
            @Nullable Failure failure) {}

    /** Merges the sources' events from {@code sinceNanos} to {@code untilNanos}, nanoseconds since the epoch. */
    EventMerge(List<EventSource> sources, Caller caller, long sinceNanos, long untilNanos) {
        this.sources = List.copyOf(sources);
        this.caller = caller;
        this.sinceNanos = sinceNanos;
        this.untilNanos = untilNanos;
    }

    /** Asks every source once, without waiting: what happens after this will be seen. */
    void begin() throws InterruptedException {
        sources.forEach(source -> ask(source, 0));
        for (int i = 0; i < sources.size(); i++) {
            apply(answers.take());
        }
    }

    /** The next event, waiting for it; null after {@code until}. */
    @Nullable
    Merged next() throws InterruptedException {
        while (true) {
            EventSource first = earliest();
            if (first != null && first.nextNanos() > untilNanos) {
                first = null;
            }
            long edge = first == null ? untilNanos : first.nextNanos();
            if (sources.stream().allMatch(source -> !source.isEmpty() || source.knowsUntil(edge))) {
                return first == null ? null : taken(first);
            }
            askOn(first != null || Moment.now() >= untilNanos, edge);
            @Nullable Answer answer = answers.poll(pause(), TimeUnit.MILLISECONDS);
            if (answer != null) {
                apply(answer);
            }
        }
    }

    private @Nullable EventSource earliest() {
        EventSource first = null;
        for (EventSource source : sources) {
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

    private void askOn(boolean hurry, long edge) {
        for (EventSource source : sources) {
            if (source.beginWaiting()) {
                ask(source, WAIT_MILLIS);
            }
            if (hurry && !source.knowsUntil(edge) && source.beginPeeking()) {
                ask(source, source.peekMillis());
            }
        }
    }

    /** Until when to wait for an answer: {@code until} has to be noticed although nothing happens. */
    private long pause() {
        long left = untilNanos == Long.MAX_VALUE ? Long.MAX_VALUE : (untilNanos - Moment.now()) / 1_000_000 + 1;
        return left <= 0 ? WAIT_MILLIS : Math.min(left, WAIT_MILLIS);
    }

    private void ask(EventSource source, int waitMillis) {
        int generation = source.generation();
        @Nullable String cursor = source.cursor();
        Caller mine =
                new Caller(caller.principal(), caller.project(), Instant.now().plus(LIMIT), caller.traceId());
        Thread.ofVirtual().name("events-" + source.name()).start(() -> {
            try {
                EventPage page = source.api().read(mine, cursor, sinceNanos, EventSource.PAGE, waitMillis);
                answers.add(new Answer(source, generation, page, null));
            } catch (Failure e) {
                answers.add(new Answer(source, generation, null, e));
            } catch (RuntimeException e) {
                answers.add(new Answer(source, generation, null, new Failure.Internal("events: " + e, e)));
            }
        });
    }

    private void apply(Answer answer) {
        if (closed || answer.generation != answer.source.generation()) {
            return; // asked before another page came
        }
        if (answer.failure != null) {
            throw answer.failure;
        }
        if (answer.page != null) {
            answer.source.accept(answer.page);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
