package io.longshore.container.reconcile;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an agent has reported and is not yet in the rows: the latest report of each container and exec session, tried until it is taken. One that
 * has to wait keeps no other from going on. At most one thread for each of them. Thread-safe.
 */
final class Backlog {
    private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Map<Object, Report> latest = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** Puts the row right; throws when that cannot be done now. */
    interface Report {
        void settle();
    }

    /** Begins to settle a report of the container or session with this id; it takes the place of an earlier one that is still waiting. */
    void add(Object id, Report report) {
        if (latest.put(id, report) == null) {
            Thread.ofVirtual().name("settle-" + id).start(() -> work(id));
        }
    }

    /** What is waiting is left to whoever works for the node next. */
    void close() {
        closed = true;
    }

    private void work(Object id) {
        Duration pause = FIRST_PAUSE;
        while (!closed) {
            Report report = latest.get(id);
            if (report == null) {
                return;
            }
            try {
                report.settle();
                if (latest.remove(id, report)) {
                    return;
                }
            } catch (RuntimeException e) {
                LOG.warn("state of {} is taken up again in {}: {}", id, pause, e.toString());
                if (!slept(pause)) {
                    return;
                }
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private static boolean slept(Duration pause) {
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
