package io.longshore.agent.volumedriver.plugin;

import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/** Waits that end. A thread that is interrupted meanwhile gets {@code UNAVAILABLE}: the agent stops. */
final class Waits {
    private Waits() {}

    static boolean acquired(Lock lock, Duration limit) {
        try {
            return lock.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw stopping(e);
        }
    }

    static boolean over(CountDownLatch latch, Duration limit) {
        try {
            return latch.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw stopping(e);
        }
    }

    private static Failure stopping(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure.Unavailable("stopping: ask again in a moment", e);
    }
}
