package io.longshore.agent.linux;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A few platform threads for native calls that may wait, so that virtual threads keep their carriers. Thread-safe; close it
 * when the agent ends.
 */
public final class NativePool implements AutoCloseable {
    /** A native call, or several. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    private final String name;
    private final ThreadPoolExecutor threads;

    /**
     * @param name of the threads, and of what they do: {@code copy}
     * @param size how many calls run at once
     * @param waiting how many more may wait; beyond that {@link #call} refuses at once
     */
    public NativePool(String name, int size, int waiting) {
        this.name = name;
        threads = new ThreadPoolExecutor(
                size,
                size,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(waiting),
                Thread.ofPlatform().daemon().name(name + "-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs the work on a thread of the pool and waits for it.
     *
     * @throws IOException the work's own, or that the deadline passed. In that last case the native call still runs to its end, so the work
     *     must close what it opened.
     * @throws Failure.Unavailable if the pool is full; nothing has been done then
     */
    public <T> T call(Work<T> work, Duration deadline) throws IOException {
        Future<T> future;
        try {
            future = threads.submit(work::run);
        } catch (RejectedExecutionException e) {
            throw new Failure.Unavailable(
                    "the node is busy: " + threads.getQueue().size() + " more " + name
                            + " operations wait for their turn already; try again later",
                    e);
        }
        try {
            return future.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case Error error -> throw error;
                case null, default -> throw new IOException("native call failed", e);
            }
        } catch (TimeoutException e) {
            future.cancel(false);
            throw new IOException("a native call did not end within " + deadline, e);
        } catch (InterruptedException e) {
            future.cancel(false);
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted in a native call").initCause(e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
