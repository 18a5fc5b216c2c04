package io.longshore.container.lifecycle;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.id.ContainerId;
import org.springframework.stereotype.Component;

/** Finds the container that a client means, and reads its row under its lock: what was read before may be gone or changed. */
@Component
public class LockedRows {
    private final ContainerStore store;
    private final ContainerLocks locks;

    LockedRows(ContainerStore store, ContainerLocks locks) {
        this.store = store;
        this.locks = locks;
    }

    /** A row, and its lock until closed. */
    public record Locked(ContainerRow row, ContainerLocks.Held lock) implements AutoCloseable {
        @Override
        public void close() {
            lock.close();
        }
    }

    /** As {@link ContainerStore#find}. By its whole id a container is read once. */
    public Locked find(Caller caller, String reference) {
        ContainerId id = reference.matches("[0-9a-f]{64}")
                ? ContainerId.parse(reference)
                : store.find(caller.project(), reference).id();
        ContainerLocks.Held lock = locks.lock(caller, id);
        boolean found = false;
        try {
            ContainerRow row = store.find(caller.project(), id.value());
            found = row.id().equals(id);
            if (found) {
                return new Locked(row, lock);
            }
            // What looks like an id is the name of another container.
            return find(caller, row.id().value());
        } finally {
            if (!found) {
                lock.close();
            }
        }
    }
}
