package io.longshore.platform.commit;

import io.longshore.contracts.error.Failure;
import java.sql.SQLException;
import java.time.Duration;
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
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.UncategorizedSQLException;

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

    /** Longer than any transaction may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** How long after its beginning a batch may still be divided: with the last transaction less than the patience of who waits. */
    private static final Duration DIVIDING = Duration.ofSeconds(30);

    private final Consumer<List<T>> writer;
    private final Predicate<RuntimeException> refusal;
    private final Duration patience;
    private final Duration dividing;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Entry<T>> waiting = new ArrayDeque<>();
    private boolean writing;

    /**
     * Writes by {@code writer}, all of a list in one transaction.
     *
     * @param writer throws when none of them is written, or that is not known
     * @param refusal whether what it throws proves that none of them is written, so that they can be tried again: in halves, until who cannot
     *     be written is alone, and is written by who brought it, so that it holds up nobody
     */
    public GroupCommit(Consumer<List<T>> writer, Predicate<RuntimeException> refusal) {
        this(writer, refusal, PATIENCE, DIVIDING);
    }

    GroupCommit(Consumer<List<T>> writer, Predicate<RuntimeException> refusal, Duration patience, Duration dividing) {
        this.writer = writer;
        this.refusal = refusal;
        this.patience = patience;
        this.dividing = dividing;
    }

    /** Whether the database answered that it wrote nothing; without an answer, nobody knows. */
    public static boolean isRolledBack(RuntimeException problem) {
        return problem instanceof DataIntegrityViolationException
                || problem instanceof PessimisticLockingFailureException
                // lock_not_available, the end of a lock_timeout, which Spring has no class for.
                || (problem instanceof UncategorizedSQLException
                        && problem.getCause() instanceof SQLException answer
                        && "55P03".equals(answer.getSQLState()));
    }

    /** What is left to do for who brought something. */
    private enum Turn {
        /** Nothing: it was written with others', or could not be. */
        NONE,
        /** To write it and what has come since. */
        ALL,
        /** To write it, and nothing else. */
        OWN
    }

    /**
     * What is to be written.
     *
     * @param item it
     * @param called when there is a turn
     * @param done when it is committed, or the reason why not
     */
    private record Entry<T>(T item, CompletableFuture<Turn> called, CompletableFuture<Void> done) {}

    /**
     * Returns when it is committed; throws what the writer throws for it. That another one is refused is nothing to it. A {@link Failure} of
     * this class' own says that it is not written and will not be: {@link Failure.DeadlineExceeded} and {@link Failure.Unavailable}, also when
     * the thread is interrupted. {@link QueryTimeoutException} when nobody waits for it any longer, though it may still be written.
     *
     * @param limit how long it may wait until somebody begins to write it
     */
    public void write(T item, Duration limit) {
        Entry<T> mine = new Entry<>(item, new CompletableFuture<>(), new CompletableFuture<>());
        Turn turn = turn(mine, limit.compareTo(patience) < 0 ? limit : patience);
        if (turn == Turn.ALL) {
            try {
                write(batch(mine), System.nanoTime());
            } finally {
                next();
            }
            // Its turn was known before: what has no end by now is left to it.
            turn = mine.done.isDone() ? Turn.NONE : Turn.OWN;
        }
        if (turn == Turn.OWN) {
            alone(mine);
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
    private Turn turn(Entry<T> mine, Duration limit) {
        lock.lock();
        try {
            if (!writing) {
                writing = true;
                return Turn.ALL;
            }
            waiting.add(mine);
        } finally {
            lock.unlock();
        }
        try {
            return mine.called.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return left(
                    mine, new Failure.DeadlineExceeded("deadline exceeded: the database did not take it in time", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return left(mine, new Failure.Unavailable("interrupted before it was written; try again", e));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // nobody is called with a failure
        }
    }

    /** It has nothing to write when its end is known by now. */
    private Turn left(Entry<T> mine, Failure unwritten) {
        if (leave(mine)) {
            throw unwritten;
        }
        if (mine.done.isDone()) {
            return Turn.NONE;
        }
        throw new QueryTimeoutException("it may be written all the same: " + unwritten.text(), unwritten.getCause());
    }

    /**
     * Its turn, if that has just come, is the next one's.
     *
     * @return whether nobody has begun to write it, and nobody will
     */
    private boolean leave(Entry<T> mine) {
        lock.lock();
        try {
            if (waiting.remove(mine)) {
                return true;
            }
            Turn turn = mine.called.getNow(Turn.NONE);
            if (turn != Turn.ALL) {
                return turn == Turn.OWN;
            }
        } finally {
            lock.unlock();
        }
        next();
        return true;
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

    /** With halves of halves as deep as a batch can be divided. */
    private void write(List<Entry<T>> batch, long since) {
        try {
            writer.accept(batch.stream().map(Entry::item).toList());
            batch.forEach(entry -> entry.done.complete(null));
        } catch (RuntimeException | Error e) {
            if (batch.size() == 1 || !(e instanceof RuntimeException problem) || !refusal.test(problem)) {
                batch.forEach(entry -> entry.done.completeExceptionally(e));
            } else if (System.nanoTime() - since < dividing.toNanos()) {
                divided(batch.subList(0, batch.size() / 2), since);
                divided(batch.subList(batch.size() / 2, batch.size()), since);
                return;
            } else {
                // Which of them it was is not known: the others are not to be told that it was them.
                batch.forEach(entry -> entry.done.completeExceptionally(new Failure.Unavailable(
                        "not written, as one of " + batch.size() + " at once could not be; try again", problem)));
            }
        }
        batch.forEach(entry -> entry.called.complete(Turn.NONE));
    }

    private void divided(List<Entry<T>> part, long since) {
        if (part.size() == 1) {
            part.getFirst().called.complete(Turn.OWN);
        } else {
            write(part, since);
        }
    }

    private void alone(Entry<T> mine) {
        try {
            writer.accept(List.of(mine.item));
            mine.done.complete(null);
        } catch (RuntimeException | Error e) {
            mine.done.completeExceptionally(e);
        }
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
                next.called.complete(Turn.ALL);
            }
        } finally {
            lock.unlock();
        }
    }
}
