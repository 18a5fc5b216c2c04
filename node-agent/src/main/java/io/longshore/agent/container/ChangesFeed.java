package io.longshore.agent.container;

import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.id.ContainerId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What changed, numbered: the latest state of each container under the revision at which it became so. The count begins anew with each
 * life of the agent, under a new instance name, and a reader that knows another instance gets everything. Thread-safe; nothing is done
 * under the lock but moving references, so neither a reader nor a container waits for a disk or a driver here.
 */
final class ChangesFeed {
    /** How long a removed container is remembered for a reader that does not come: a day covers a long outage of the services. */
    static final Duration MEMORY = Duration.ofDays(1);

    private final String instance = UUID.randomUUID().toString();
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Oldest change first. */
    private final SequencedMap<ContainerId, Observed> latest = new LinkedHashMap<>();
    /** Removed containers that nobody has confirmed, oldest first. */
    private final SequencedMap<ContainerId, Instant> removed = new LinkedHashMap<>();

    private boolean closed;
    private long revision;
    /** Up to here removed containers have been forgotten: who asks from before may have missed one. */
    private long forgotten;

    ChangesFeed(Clock clock) {
        this.clock = clock;
    }

    /** Takes in a new state of a container, and gives it its revision. */
    Observed publish(Observed state) {
        lock.lock();
        try {
            Observed numbered = numbered(state, ++revision);
            latest.putLast(state.id(), numbered);
            if (state.status() == Observed.Status.REMOVED) {
                forgetBefore(clock.instant().minus(MEMORY));
                removed.putLast(state.id(), clock.instant());
            } else {
                removed.remove(state.id());
            }
            changed.signalAll();
            return numbered;
        } finally {
            lock.unlock();
        }
    }

    /** A removed container that has not been confirmed yet, null if there is none. */
    @Nullable
    Observed tombstone(ContainerId id) {
        lock.lock();
        try {
            return removed.containsKey(id) ? latest.get(id) : null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What changed after {@code since}; waits up to {@code wait} for a first change. The call confirms all removals up to {@code since}.
     *
     * @param asked the instance that the reader knows, null if none
     * @param since the revision that the reader knows, null if none
     */
    Changes since(@Nullable String asked, @Nullable Long since, Duration wait) throws InterruptedException {
        lock.lock();
        try {
            if (!instance.equals(asked) || since == null || since > revision || since < forgotten) {
                return new Changes(instance, revision, List.copyOf(latest.values()), true);
            }
            confirm(since);
            long left = wait.toNanos();
            while (revision == since && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            return new Changes(instance, revision, after(since), false);
        } finally {
            lock.unlock();
        }
    }

    /** The agent is stopping: who waits is answered now. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<Observed> after(long since) {
        List<Observed> found = new ArrayList<>();
        for (Observed state : latest.sequencedValues().reversed()) {
            if (state.revision() <= since) {
                break;
            }
            found.add(state);
        }
        return List.copyOf(found.reversed());
    }

    private void confirm(long since) {
        while (!removed.isEmpty()) {
            ContainerId oldest = removed.firstEntry().getKey();
            Observed state = latest.get(oldest);
            if (state == null || state.revision() > since) {
                return;
            }
            forget(oldest, state);
        }
    }

    private void forgetBefore(Instant limit) {
        while (!removed.isEmpty() && removed.firstEntry().getValue().isBefore(limit)) {
            ContainerId oldest = removed.firstEntry().getKey();
            Observed state = latest.get(oldest);
            if (state == null) {
                return;
            }
            forget(oldest, state);
        }
    }

    private void forget(ContainerId id, Observed state) {
        removed.remove(id);
        latest.remove(id);
        forgotten = Math.max(forgotten, state.revision());
    }

    private static Observed numbered(Observed state, long revision) {
        return new Observed(
                state.id(),
                state.generation(),
                revision,
                state.status(),
                state.starts(),
                state.pid(),
                state.startedAt(),
                state.finishedAt(),
                state.exitCode(),
                state.oomKilled(),
                state.error());
    }
}
