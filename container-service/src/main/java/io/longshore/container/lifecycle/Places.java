package io.longshore.container.lifecycle;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * Bounds how many rows are put right at the same time when nobody waits for it: more would only queue for database connections, and clients'
 * requests behind them. Thread-safe.
 */
@Component
public class Places {
    private static final int AT_ONCE = 64;

    private final Semaphore places;

    Places() {
        this(AT_ONCE);
    }

    Places(int count) {
        places = new Semaphore(count);
    }

    /** Does it as soon as there is a place. */
    public <T> T within(Supplier<T> work) {
        places.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            places.release();
        }
    }
}
