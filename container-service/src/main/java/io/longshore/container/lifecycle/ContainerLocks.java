package io.longshore.container.lifecycle;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Lets one start or removal at a time work on a container in this process, so that the usual case needs no second attempt. Between
 * replicas the row's version decides. Reads never take it, nor does whatever waits for a process to end of itself. Thread-safe.
 */
@Component
public class ContainerLocks {
    private final Map<ContainerId, Entry> entries = new ConcurrentHashMap<>();

    private static final class Entry {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    /** Held until closed; {@link Failure.DeadlineExceeded} when the caller's time is over before it is free. */
    public Held lock(Caller caller, ContainerId id) {
        long patience = caller.remaining().toNanos();
        Entry entry = enter(id);
        boolean taken = false;
        try {
            taken = entry.lock.tryLock(patience, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("stopping: ask again in a moment", e);
        } finally {
            if (!taken) {
                leave(id);
            }
        }
        if (!taken) {
            throw new Failure.DeadlineExceeded("container " + id
                    + " is still being started or removed by somebody else: try again when that is done");
        }
        return new Held(id, entry);
    }

    /** Held until closed; null when somebody else has it. */
    public @Nullable Held tryLock(ContainerId id) {
        Entry entry = enter(id);
        if (entry.lock.tryLock()) {
            return new Held(id, entry);
        }
        leave(id);
        return null;
    }

    /** Held until closed; null when somebody else has it for longer than that. For who holds another one already. */
    public @Nullable Held tryLock(ContainerId id, Duration patience) {
        Entry entry = enter(id);
        boolean taken = false;
        try {
            taken = entry.lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!taken) {
                leave(id);
            }
        }
        return taken ? new Held(id, entry) : null;
    }

    private Entry enter(ContainerId id) {
        return entries.compute(id, (key, present) -> {
            Entry used = present == null ? new Entry() : present;
            used.users++;
            return used;
        });
    }

    private void leave(ContainerId id) {
        entries.computeIfPresent(id, (key, present) -> --present.users == 0 ? null : present);
    }

    /** The lock, until closed. */
    public final class Held implements AutoCloseable {
        private final ContainerId id;
        private final Entry entry;

        private Held(ContainerId id, Entry entry) {
            this.id = id;
            this.entry = entry;
        }

        @Override
        public void close() {
            entry.lock.unlock();
            leave(id);
        }
    }
}
