package io.longshore.container.lifecycle;

import io.longshore.contracts.id.ContainerId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.stereotype.Component;

/**
 * Lets one start or removal at a time work on a container in this process, so that the usual case needs no second attempt. Between
 * replicas the row's version decides. Reads never take it. Thread-safe.
 */
@Component
class ContainerLocks {
    private final Map<ContainerId, Entry> entries = new ConcurrentHashMap<>();

    private static final class Entry {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    /** Held until closed. */
    Held lock(ContainerId id) {
        Entry entry = entries.compute(id, (key, present) -> {
            Entry used = present == null ? new Entry() : present;
            used.users++;
            return used;
        });
        boolean waited = !entry.lock.tryLock();
        if (waited) {
            entry.lock.lock();
        }
        return new Held(id, entry, waited);
    }

    final class Held implements AutoCloseable {
        private final ContainerId id;
        private final Entry entry;
        private final boolean waited;

        private Held(ContainerId id, Entry entry, boolean waited) {
            this.id = id;
            this.entry = entry;
            this.waited = waited;
        }

        /** Whether somebody else had it, so that what was read before may have changed. */
        boolean waited() {
            return waited;
        }

        @Override
        public void close() {
            entry.lock.unlock();
            entries.computeIfPresent(id, (key, present) -> --present.users == 0 ? null : present);
        }
    }
}
