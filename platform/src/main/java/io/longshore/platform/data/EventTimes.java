package io.longshore.platform.data;

import io.longshore.platform.engine.Timestamps;
import java.time.Clock;
import java.util.Collection;
import java.util.TreeSet;

/**
 * Gives events their times, which strictly grow in this process, and knows which of them belong to transactions still running.
 * Thread-safe.
 */
final class EventTimes {
    private final Clock clock;
    private final TreeSet<Long> running = new TreeSet<>();
    private long last;

    EventTimes(Clock clock) {
        this.clock = clock;
    }

    /** A time greater than all before, noted as running until {@link #ended}. Nanoseconds since the epoch. */
    synchronized long next() {
        last = Math.max(last + 1, now());
        running.add(last);
        return last;
    }

    /** The transactions of these times were committed or rolled back. */
    synchronized void ended(Collection<Long> times) {
        times.forEach(running::remove);
    }

    /** Every event with an earlier time was committed or rolled back before this call, and none will come. */
    synchronized long horizon() {
        if (!running.isEmpty()) {
            return running.first();
        }
        last = Math.max(last, now() - 1);
        return last + 1;
    }

    private long now() {
        return Timestamps.nanos(clock.instant());
    }
}
