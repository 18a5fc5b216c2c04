package io.longshore.agent.stage.supervisor;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The latest status that a connection has brought, for any number of waiting threads. */
final class StatusBoard {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CompletableFuture<SupervisorStatus> end = new CompletableFuture<>();
    private @Nullable SupervisorStatus latest;
    private @Nullable Throwable lost;

    void put(SupervisorStatus status) {
        lock.lock();
        try {
            latest = status;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (status.state().isEnd()) {
            end.complete(status);
        }
    }

    /** The connection has ended. */
    void lost(Throwable cause) {
        lock.lock();
        try {
            if (lost == null) {
                lost = cause;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        end.completeExceptionally(new IOException("the connection to the supervisor was lost", cause));
    }

    /** Whether the connection has ended, after the process's end or before. */
    boolean isLost() {
        lock.lock();
        try {
            return lost != null;
        } finally {
            lock.unlock();
        }
    }

    CompletableFuture<SupervisorStatus> end() {
        return end;
    }

    SupervisorStatus latest() {
        lock.lock();
        try {
            if (latest == null) {
                throw new IllegalStateException("no status has come yet");
            }
            return latest;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a status that the test accepts. */
    SupervisorStatus await(Predicate<SupervisorStatus> test, Duration deadline) throws IOException {
        long left = deadline.toNanos();
        lock.lock();
        try {
            while (latest == null || !test.test(latest)) {
                if (lost != null) {
                    throw new IOException("the supervisor is gone", lost);
                }
                if (left <= 0) {
                    throw new IOException("the supervisor did not get further within " + deadline
                            + (latest == null ? "" : " than " + latest.state()));
                }
                left = changed.awaitNanos(left);
            }
            return latest;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        } finally {
            lock.unlock();
        }
    }
}
