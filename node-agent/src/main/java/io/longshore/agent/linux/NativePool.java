package io.longshore.agent.linux;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
     * Runs the work on a thread of the pool and waits for it. For work whose result needs no closing.
     *
     * @throws IOException the work's own, or that the deadline passed. In that last case work that has begun still runs to its end, and what
     *     has not begun never does.
     * @throws Failure.Unavailable if the pool is full; nothing has been done then
     */
    public <T> T call(Work<T> work, Duration deadline) throws IOException {
        return call(work, deadline, result -> {});
    }

    /**
     * As {@link #call(Work, Duration)}, for work that opens something.
     *
     * @param discard closes a result that comes when the caller has stopped waiting for it
     */
    public <T> T call(Work<T> work, Duration deadline, Consumer<? super T> discard) throws IOException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable task = () -> run(work, result, discard);
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            throw new Failure.Unavailable(
                    "the node is busy: " + threads.getQueue().size() + " more " + name
                            + " operations wait for their turn already; try again later",
                    e);
        }
        try {
            return result.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (TimeoutException e) {
            leave(task, result, discard);
            throw new IOException("a native call did not end within " + deadline, e);
        } catch (InterruptedException e) {
            leave(task, result, discard);
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted in a native call").initCause(e);
        }
    }

    private static <T> void run(Work<T> work, CompletableFuture<T> result, Consumer<? super T> discard) {
        if (result.isDone()) {
            return;
        }
        try {
            T made = work.run();
            if (!result.complete(made)) {
                discard.accept(made);
            }
        } catch (IOException | RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    /** The place in the queue is free for another, and what came at the last moment is closed. */
    private <T> void leave(Runnable task, CompletableFuture<T> result, Consumer<? super T> discard) {
        if (!result.cancel(false) && !result.isCompletedExceptionally()) {
            discard.accept(result.join());
        }
        threads.remove(task);
    }

    private static IOException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case IOException io -> io;
            case RuntimeException runtime -> throw runtime;
            case Error error -> throw error;
            case null, default -> new IOException("native call failed", cause);
        };
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
