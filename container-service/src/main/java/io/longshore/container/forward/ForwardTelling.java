package io.longshore.container.forward;

import io.longshore.container.lease.ShardLeases;
import io.longshore.container.placement.Agents;
import io.longshore.container.placement.Nodes;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.ForwardSet;
import io.longshore.contracts.agent.ForwardState;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Tells entries which ports of containers elsewhere they are to hold, derived from the rows: so what ended gives its ports back, and what a
 * start could not take is taken later. Each entry is told by the replica that holds its lease. Thread-safe.
 */
@Component
class ForwardTelling implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardTelling.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** All of it is told again: somebody else may have had a port. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private static final Duration CALL = Duration.ofSeconds(10);
    /** A start does not wait longer for ports that have just been given back, which another replica may have to tell. */
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final ForwardRows rows;
    private final Nodes nodes;
    private final Agents agents;
    private final ShardLeases leases;
    private final Entrances entrances;
    private final Map<NodeId, Told> told = new ConcurrentHashMap<>();
    private final Map<NodeId, Thread> calls = new ConcurrentHashMap<>();
    private final Semaphore nudges = new Semaphore(0);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition telling = lock.newCondition();
    /** When entries were last told that there is no other node, 0 if there is one; of the looking thread. */
    private long alone;

    private volatile boolean running;
    private volatile Thread thread = Thread.currentThread();

    ForwardTelling(ForwardRows rows, Nodes nodes, Agents agents, ShardLeases leases, Entrances entrances) {
        this.entrances = entrances;
        this.rows = rows;
        this.nodes = nodes;
        this.agents = agents;
        this.leases = leases;
    }

    /**
     * What an entry was told last.
     *
     * @param derived when it was read from the rows
     * @param answered when it was told all of it
     * @param forwards null if that failed
     */
    private record Told(
            long epoch,
            long revision,
            long derived,
            long answered,
            @Nullable List<Forward> forwards) {}

    /**
     * Waits a moment until an entry has given back what containers had that do not run any more, as the rows are now. Says nothing of how that went:
     * who asks tries again anyhow.
     */
    void refresh(NodeId entry) {
        long begin = System.nanoTime();
        long nanos = leases.held(entry) != null ? PATIENCE.toNanos() : LOOK.toNanos();
        nudges.release();
        lock.lock();
        try {
            while (!isTold(entry, begin) && nanos > 0) {
                nanos = telling.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("container-service is stopping", e);
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is this replica that tells an entry. */
    boolean tells(NodeId entry) {
        return leases.held(entry) != null;
    }

    private boolean isTold(NodeId entry, long since) {
        Told last = told.get(entry);
        return last != null && last.forwards() != null && last.derived() - since >= 0;
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("forwards").start(this::repeat);
    }

    @Override
    public void stop() {
        running = false;
        thread.interrupt();
        calls.values().forEach(Thread::interrupt);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void repeat() {
        boolean failed = false;
        while (running) {
            try {
                look();
                failed = false;
            } catch (RuntimeException e) {
                if (running && !failed && !told.isEmpty()) {
                    LOG.warn("looking for published ports failed, the next look goes on: {}", e.toString());
                }
                failed = true;
            }
            try {
                boolean _ = nudges.tryAcquire(LOOK.toNanos(), TimeUnit.NANOSECONDS);
                nudges.drainPermits();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void look() {
        List<Node> all = nodes.all(Agents.own(CALL));
        List<Entry> mine = Entry.all(all).stream()
                .filter(entry -> leases.held(entry.node()) != null)
                .toList();
        if (mine.isEmpty()) {
            return;
        }
        long derived = System.nanoTime();
        Map<NodeId, String> addresses = new HashMap<>();
        for (Node node : all) {
            String address = node.info().dataAddress();
            // On one machine there is nobody who could have to be told of anything.
            if (address != null && all.size() > 1) {
                addresses.put(node.id(), address);
            }
        }
        if (addresses.isEmpty() && derived - alone < AGAIN.toNanos() && alone != 0) {
            return;
        }
        alone = addresses.isEmpty() ? derived : 0;
        List<ForwardRows.Publishing> publishing = rows.on(addresses);
        for (Entry entry : mine) {
            List<Forward> forwards = publishing.stream()
                    .filter(each -> !each.node().equals(entry.node()))
                    .map(each -> Entry.isOne(all, each.node()) ? FarPorts.everywhere(each.forward()) : each.forward())
                    .map(each -> each.from(entry.address()))
                    .toList();
            tell(entry, forwards, derived);
        }
    }

    /** One that is slow holds up no other. */
    private void tell(Entry entry, List<Forward> forwards, long derived) {
        Thread before = calls.get(entry.node());
        if (before == null || !before.isAlive()) {
            calls.put(
                    entry.node(),
                    Thread.ofVirtual().name("forwards-" + entry.name()).start(() -> call(entry, forwards, derived)));
        }
    }

    private void call(Entry entry, List<Forward> forwards, long derived) {
        Long epoch = leases.held(entry.node());
        if (epoch == null) {
            return;
        }
        Told before = told.get(entry.node());
        Told last = before != null && before.epoch() == epoch ? before : new Told(epoch, 0, derived, 0, null);
        long now = System.nanoTime();
        boolean same = forwards.equals(last.forwards()) && now - last.answered() < AGAIN.toNanos();
        long revision = same ? last.revision() : last.revision() + 1;
        try {
            ForwardState state = agents.forwards(entry.node())
                    .tell(Agents.own(CALL), new ForwardSet(epoch, revision, same ? null : forwards));
            for (ForwardState.Start over : rows.over(state.starting())) {
                entrances.release(entry.node(), over.container(), over.start());
            }
            boolean taken = state.revision() == revision;
            note(
                    entry,
                    new Told(
                            epoch,
                            Math.max(revision, state.revision()),
                            derived,
                            same ? last.answered() : now,
                            taken ? forwards : null));
        } catch (RuntimeException e) {
            if (running && (before == null || before.forwards() != null)) {
                LOG.warn(
                        "cannot tell {} which ports of other nodes are to answer there, and go on trying: {}",
                        entry.name(),
                        e instanceof Failure failure ? failure.text() : e.toString());
            }
            note(entry, new Told(epoch, revision, derived, now, null));
            if (e instanceof Failure.Conflict) {
                catchUp(entry, epoch);
            }
        }
    }

    /** The agent has obeyed a higher epoch than the database knows, if that was restored from before. */
    private void catchUp(Entry entry, long epoch) {
        try {
            long highest = agents.api(entry.node()).highestEpoch(Agents.own(CALL));
            if (highest > epoch) {
                leases.epochFrom(entry.node(), highest);
            }
        } catch (RuntimeException e) {
            LOG.debug("which epoch {} has obeyed is asked again", entry.name(), e);
        }
    }

    private void note(Entry entry, Told now) {
        lock.lock();
        try {
            told.put(entry.node(), now);
            telling.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
