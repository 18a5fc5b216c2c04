package io.longshore.image.transfer;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Ends what a caller waits for at the caller's deadline, by closing it, unless this is closed before. What fails for that is told by
 * {@link #of(Failure)}. Thread-safe.
 */
public final class TimeLimit implements AutoCloseable {
    /** Who is asked has the same deadline, and may come to it a moment earlier than this does. */
    private static final Duration MOMENT = Duration.ofMillis(100);

    private final Instant deadline;
    private final CompletableFuture<Void> end;

    /** For what {@code close} ends; {@link Failure.DeadlineExceeded} when the time is over already. */
    public TimeLimit(Caller caller, Runnable close) {
        this.deadline = caller.deadline();
        this.end = CompletableFuture.runAsync(
                close,
                CompletableFuture.delayedExecutor(
                        caller.remaining().toMillis(), TimeUnit.MILLISECONDS, Thread::startVirtualThread));
    }

    /** The failure, or that the time is over if that is why: it came when it was, or a moment before. */
    public Failure of(Failure failure) {
        return Instant.now().plus(MOMENT).isBefore(deadline)
                ? failure
                : new Failure.DeadlineExceeded("deadline exceeded: " + failure.text(), failure);
    }

    @Override
    public void close() {
        end.cancel(false);
    }
}
