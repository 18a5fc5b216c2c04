package io.longshore.container.state;

import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Wakes those in this process who wait for a container's row to change, after the commit. A hint: changes by another replica are
 * found by looking again from time to time. Thread-safe.
 */
@Component
public class ChangeSignal {
    private final Map<ContainerId, Set<Watch>> watches = new ConcurrentHashMap<>();

    /** Begins to listen; whatever is committed from now on ends the next {@link Watch#await}. */
    public Watch watch(ContainerId id) {
        Watch watch = new Watch(id);
        watches.compute(id, (key, all) -> {
            Set<Watch> set = all == null ? ConcurrentHashMap.newKeySet() : all;
            set.add(watch);
            return set;
        });
        return watch;
    }

    void raise(ContainerRow row, boolean removed) {
        Change change = new Change(row, removed);
        watches.getOrDefault(row.id(), Set.of()).forEach(watch -> watch.raise(change));
    }

    /**
     * What was committed.
     *
     * @param row as it is now, or was at the end
     * @param removed whether it is gone
     */
    public record Change(ContainerRow row, boolean removed) {}

    /** One listener's place. */
    public final class Watch implements AutoCloseable {
        private final ContainerId id;
        private final Semaphore raised = new Semaphore(0);

        private final AtomicReference<@Nullable Change> latest = new AtomicReference<>();

        private Watch(ContainerId id) {
            this.id = id;
        }

        private void raise(Change change) {
            latest.accumulateAndGet(change, Watch::later);
            raised.release();
        }

        /** Commits of one container may be told in another order than they happened; the row's version has the right one. */
        private static @Nullable Change later(@Nullable Change one, @Nullable Change other) {
            if (one == null || other == null) {
                return one == null ? other : one;
            }
            return one.removed() || one.row().version() > other.row().version() ? one : other;
        }

        /** Returns the latest change after one since the last call; null after the limit without. */
        public @Nullable Change await(Duration limit) throws InterruptedException {
            if (!raised.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return null;
            }
            raised.drainPermits();
            return latest.get();
        }

        @Override
        public void close() {
            watches.computeIfPresent(id, (key, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }
}
