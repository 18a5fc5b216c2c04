package io.longshore.agent.feed;

import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What changed, numbered: the latest state of each container and each exec session under the revision at which it became so. A later life
 * of the agent counts on from a higher number, under a new instance name, and a reader that knows another instance gets everything. A removed
 * container and a session that has ended are remembered until a reader has confirmed them. Thread-safe; nothing is done under the lock but
 * moving references, so neither a reader nor a container waits for a disk or a driver here.
 */
public final class ChangesFeed {
    /** How long what is over is remembered for a reader that does not come: a day covers a long outage of the services. */
    static final Duration MEMORY = Duration.ofDays(1);

    /** Bits: a change every microsecond for twelve days, and eight million lives. */
    private static final int REVISIONS_OF_A_LIFE = 40;

    private final String instance = UUID.randomUUID().toString();
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** By {@link ContainerId} or {@link ExecId}, oldest change first. */
    private final SequencedMap<Object, Entry> latest = new LinkedHashMap<>();
    /** What is over and nobody has confirmed, oldest first. */
    private final SequencedMap<Object, Instant> over = new LinkedHashMap<>();

    /** Ended sessions that were forgotten with nobody to confirm them. */
    private final List<ExecId> dropped = new ArrayList<>();

    private Consumer<ExecId> confirmedSessions = id -> {};
    private boolean closed;
    private long revision;
    /** Up to here what was over has been forgotten: who asks from before may have missed one. */
    private long forgotten;

    private record Entry(
            long revision,
            @Nullable Observed container,
            @Nullable ObservedSession session) {}

    /** An empty feed of a first life. */
    public ChangesFeed(Clock clock) {
        this(clock, 0);
    }

    /**
     * An empty feed.
     *
     * @param life of the agent: of two observations of whatever lives the later one has the higher revision
     */
    public ChangesFeed(Clock clock, long life) {
        this.clock = clock;
        this.revision = life << REVISIONS_OF_A_LIFE;
    }

    /**
     * Calls the listener, on a thread of a reader, for each session whose end a reader has seen, and for each that has been forgotten since the
     * reader before. To be set before the first reader.
     */
    public void onConfirmedSession(Consumer<ExecId> listener) {
        confirmedSessions = listener;
    }

    /** Takes in a new state of a container, and gives it its revision. */
    public Observed publish(Observed state) {
        lock.lock();
        try {
            Observed numbered = state.at(++revision);
            put(state.id(), new Entry(revision, numbered, null), state.status() == Observed.Status.REMOVED);
            return numbered;
        } finally {
            lock.unlock();
        }
    }

    /** Takes in a new state of a session, and gives it its revision. */
    public ObservedSession publish(ObservedSession state) {
        lock.lock();
        try {
            ObservedSession numbered = state.at(++revision);
            put(state.id(), new Entry(revision, null, numbered), state.status() == ObservedSession.Status.EXITED);
            return numbered;
        } finally {
            lock.unlock();
        }
    }

    private void put(Object id, Entry entry, boolean last) {
        latest.putLast(id, entry);
        if (last) {
            forgetBefore(clock.instant().minus(MEMORY));
            over.putLast(id, clock.instant());
        } else {
            over.remove(id);
        }
        changed.signalAll();
    }

    /** A removed container that has not been confirmed yet, null if there is none. */
    public @Nullable Observed tombstone(ContainerId id) {
        lock.lock();
        try {
            Entry entry = over.containsKey(id) ? latest.get(id) : null;
            return entry == null ? null : entry.container;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What changed after {@code since}; waits up to {@code wait} for a first change. The call confirms all that was over up to {@code since}.
     *
     * @param asked the instance that the reader knows, null if none
     * @param since the revision that the reader knows, null if none
     */
    public Changes since(@Nullable String asked, @Nullable Long since, Duration wait) throws InterruptedException {
        Changes changes = null;
        List<ExecId> confirmed;
        lock.lock();
        try {
            confirmed = new ArrayList<>(dropped);
            dropped.clear();
            if (!instance.equals(asked) || since == null || since > revision || since < forgotten) {
                changes = changes(List.copyOf(latest.values()), true);
            } else {
                confirm(since, confirmed);
            }
        } finally {
            lock.unlock();
        }
        confirmed.forEach(confirmedSessions);
        return changes != null ? changes : await(Objects.requireNonNull(since), wait);
    }

    private Changes await(long since, Duration wait) throws InterruptedException {
        lock.lock();
        try {
            long left = wait.toNanos();
            while (revision == since && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            return changes(after(since), false);
        } finally {
            lock.unlock();
        }
    }

    private Changes changes(List<Entry> entries, boolean complete) {
        List<Observed> containers = new ArrayList<>();
        List<ObservedSession> sessions = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.container != null) {
                containers.add(entry.container);
            }
            if (entry.session != null) {
                sessions.add(entry.session);
            }
        }
        return new Changes(instance, revision, containers, sessions, complete);
    }

    /** The agent is stopping: who waits is answered now. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<Entry> after(long since) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : latest.sequencedValues().reversed()) {
            if (entry.revision <= since) {
                break;
            }
            found.add(entry);
        }
        return found.reversed();
    }

    private void confirm(long since, List<ExecId> sessions) {
        while (!over.isEmpty()) {
            Object oldest = over.firstEntry().getKey();
            Entry entry = latest.get(oldest);
            if (entry == null || entry.revision > since) {
                return;
            }
            forget(oldest, entry);
            if (oldest instanceof ExecId session) {
                sessions.add(session);
            }
        }
    }

    private void forgetBefore(Instant limit) {
        while (!over.isEmpty() && over.firstEntry().getValue().isBefore(limit)) {
            Object oldest = over.firstEntry().getKey();
            Entry entry = latest.get(oldest);
            if (entry == null) {
                return;
            }
            forget(oldest, entry);
            if (oldest instanceof ExecId session) {
                dropped.add(session);
            }
        }
    }

    private void forget(Object id, Entry entry) {
        over.remove(id);
        latest.remove(id);
        forgotten = Math.max(forgotten, entry.revision);
    }
}
