package io.longshore.platform.data;

import io.longshore.platform.engine.Timestamps;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/** Keeps the table of events bounded by age and by rows. */
final class EventRetention implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(EventRetention.class);
    private static final Duration EVERY = Duration.ofMinutes(1);
    /** Rows removed in one transaction, which must stay short. */
    private static final int BATCH = 1_000;

    private final EventRows rows;
    private final TransactionOperations transactions;
    private final DatabaseProperties.Events limits;
    private final Clock clock;
    private volatile @Nullable Thread thread;

    EventRetention(EventRows rows, TransactionOperations transactions, DatabaseProperties.Events limits, Clock clock) {
        this.rows = rows;
        this.transactions = transactions;
        this.limits = limits;
        this.clock = clock;
    }

    /** Removes all that is too much now. */
    void trim() {
        Instant before = clock.instant().minus(limits.maxAgeOrDefault());
        long nanos = Timestamps.nanos(before);
        int removed;
        do {
            Integer gone = transactions.execute(status -> rows.trim(nanos, limits.maxRowsOrDefault(), BATCH));
            removed = gone == null ? 0 : gone;
        } while (removed == BATCH);
    }

    @Override
    public void start() {
        thread = Thread.ofVirtual().name("event-retention").start(this::run);
    }

    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(EVERY);
                trim();
            } catch (InterruptedException e) {
                return;
            } catch (DataAccessException | TransactionException e) {
                if (isRunning()) {
                    LOG.warn(
                            "old events could not be removed, trying again in {} s: {}",
                            EVERY.toSeconds(),
                            e.getMessage());
                }
            }
        }
    }
}
