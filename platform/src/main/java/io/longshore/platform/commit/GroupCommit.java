package io.longshore.platform.commit;

import io.longshore.contracts.error.Failure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Writes what several threads want to write at the same time together. Who comes when nobody writes does so at once, alone; who comes
 * meanwhile waits until that is done, and then one of them writes for all. So one client alone waits for nobody, and the more there are
 * the fewer commits each of them costs. Thread-safe.
 *
 * @param <T> what is written
 */
public final class GroupCommit<T> {
    /** DESIGN's largest batch of placements. */
    private static final int MOST = 256;

    /** Longer than any transaction may take: who waits in vain is told, and does not know what came of it. */
    private static final int PATIENCE_SECONDS = 90;

    private final Consumer<List<T>> writer;
    private final Predicate<RuntimeException> refusal;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Entry<T>> waiting = new ArrayDeque<>();
    private boolean writing;

    /**
     * Writes by {@code writer}, all of a list in one transaction.
     *
     * @param writer throws when none of them is written, or that is not known
     * @param refusal whether what it throws says that one of them cannot be written, and none was: then each is tried alone
     */
    public GroupCommit(Consumer<List<T>> writer, Predicate<RuntimeException> refusal) {
        this.writer = writer;
        this.refusal = refusal;
    }

    /**
     * What is to be written.
     *
     * @param item it
     * @param called true when it was written with others', false when who brought it has to write
     * @param done when it is committed, or the reason why not
     */
    private record Entry<T>(T item, CompletableFuture<Boolean> called, CompletableFuture<Void> done) {}

    /** Returns when it is committed; throws what the writer throws for it. That another one is refused is nothing to it. */
    public void write(T item) {
        Entry<T> mine = new Entry<>(item, new CompletableFuture<>(), new CompletableFuture<>());
        if (isMyTurn(mine)) {
            try {
                write(batch(mine));
            } finally {
                next();
            }
        }
        try {
            mine.done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /** At once if nobody writes; else by when it is, or somebody else has written it. */
    private boolean isMyTurn(Entry<T> mine) {
        lock.lock();
        try {
            if (!writing) {
                writing = true;
                return true;
            }
            waiting.add(mine);
        } finally {
            lock.unlock();
        }
        try {
            return !mine.called.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            leave(mine);
            throw new Failure.DeadlineExceeded("deadline exceeded: the database did not take it in time", e);
        } catch (InterruptedException e) {
            leave(mine);
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted before it was written; try again", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // nobody is called with a failure
        }
    }

    /** Its turn, if that has just come, is the next one's. What somebody writes just now may be committed all the same. */
    private void leave(Entry<T> mine) {
        lock.lock();
        try {
            if (waiting.remove(mine) || mine.called.getNow(true)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        next();
    }

    /** With those that came since. */
    private List<Entry<T>> batch(Entry<T> mine) {
        List<Entry<T>> batch = new ArrayList<>();
        batch.add(mine);
        lock.lock();
        try {
            while (batch.size() < MOST && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
        } finally {
            lock.unlock();
        }
        return batch;
    }

    private void write(List<Entry<T>> batch) {
        try {
            writer.accept(batch.stream().map(Entry::item).toList());
            batch.forEach(entry -> entry.done.complete(null));
        } catch (RuntimeException | Error e) {
            if (batch.size() > 1 && e instanceof RuntimeException problem && refusal.test(problem)) {
                batch.forEach(entry -> write(List.of(entry)));
            } else {
                batch.forEach(entry -> entry.done.completeExceptionally(e));
            }
        }
        batch.forEach(entry -> entry.called.complete(true));
    }

    /** How many wait for being written. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void next() {
        lock.lock();
        try {
            Entry<T> next = waiting.poll();
            writing = next != null;
            if (next != null) {
                next.called.complete(false);
            }
        } finally {
            lock.unlock();
        }
    }
}
