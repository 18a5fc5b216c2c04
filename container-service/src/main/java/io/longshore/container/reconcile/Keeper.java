package io.longshore.container.reconcile;

import io.longshore.container.exec.ExecSettlement;
import io.longshore.container.lease.ShardLeases;
import io.longshore.container.lifecycle.Settlement;
import io.longshore.container.lifecycle.Undoing;
import io.longshore.container.placement.Agents;
import io.longshore.container.placement.Nodes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The reconcile loops of this replica: one holds the leases of the nodes it works for and follows their agents, the other finishes or undoes
 * what was left half done, which may take long and must not cost a lease. Whatever fails is tried again.
 */
@Component
class Keeper implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    /** A lease lasts three times as long. */
    private static final Duration BEAT = Duration.ofSeconds(3);
    /** Until the first node is there, look more often: a start waits for it. */
    private static final Duration FIRST_BEAT = Duration.ofMillis(250);
    /** Containers settled at the same time. */
    private static final int AT_ONCE = 8;
    /** One line a minute, once nodes are known, while a neighbour is away. */
    private static final int LOG_EVERY = 20;

    private final Nodes nodes;
    private final Agents agents;
    private final ContainerStore store;
    private final ShardLeases leases;
    private final Settlement settlement;
    private final Undoing undoing;
    private final Quarantine quarantine;
    private final ClaimSweep sweep;
    private final ExecSettlement sessions;
    private final ReconcileProperties properties;
    /** Written by the loop that holds the leases only. */
    private final Map<NodeId, Followed> followed = new ConcurrentHashMap<>();

    private final Semaphore places = new Semaphore(AT_ONCE);
    private volatile boolean running;
    private volatile List<Thread> threads = List.of();

    Keeper(Parts parts, ReconcileProperties properties) {
        this.nodes = parts.nodes;
        this.agents = parts.agents;
        this.store = parts.store;
        this.leases = parts.leases;
        this.settlement = parts.settlement;
        this.undoing = parts.undoing;
        this.quarantine = parts.quarantine;
        this.sweep = parts.sweep;
        this.sessions = parts.sessions;
        this.properties = properties;
    }

    /** What the loop works with. */
    @Component
    record Parts(
            Nodes nodes,
            Agents agents,
            ContainerStore store,
            ShardLeases leases,
            Settlement settlement,
            Undoing undoing,
            Quarantine quarantine,
            ClaimSweep sweep,
            ExecSettlement sessions) {}

    /** Under another epoch the database may be another one, or have been restored: a watch begins anew then. */
    private record Followed(
            AgentWatch watch, Thread thread, @Nullable Long epoch) {}

    @Override
    public void start() {
        running = true;
        threads = List.of(
                Thread.ofVirtual().name("keeper").start(this::keep),
                Thread.ofVirtual().name("tidy").start(this::tidy));
    }

    @Override
    public void stop() {
        running = false;
        threads.forEach(Thread::interrupt);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void keep() {
        repeat("holding leases", this::follow);
        followed.values().forEach(Keeper::end);
    }

    private void tidy() {
        Timer pass = new Timer(Duration.ZERO, properties.everyOrDefault());
        Timer sweeping = new Timer(properties.sweepEveryOrDefault(), properties.sweepEveryOrDefault());
        repeat("tidying up", () -> {
            if (!followed.isEmpty() && pass.isDue()) {
                followed.keySet().forEach(this::pass);
            }
            if (!followed.isEmpty() && sweeping.isDue()) {
                sweep.sweep();
                sessions.sweep();
            }
        });
    }

    /** Due once in so much time. */
    private static final class Timer {
        private final Duration every;
        private long next;

        private Timer(Duration first, Duration every) {
            this.every = every;
            this.next = System.nanoTime() + first.toNanos();
        }

        private boolean isDue() {
            boolean due = System.nanoTime() - next >= 0;
            if (due) {
                next = System.nanoTime() + every.toNanos();
            }
            return due;
        }
    }

    private void repeat(String what, Runnable round) {
        int failures = 0;
        boolean goOn = true;
        while (running && goOn) {
            try {
                round.run();
                failures = 0;
            } catch (RuntimeException e) {
                if (running && failures++ % LOG_EVERY == 0) {
                    LOG.warn("{} failed, the next round goes on: {}", what, e.toString());
                }
            }
            goOn = rested();
        }
    }

    private boolean rested() {
        try {
            Duration beat = BEAT.compareTo(properties.everyOrDefault()) < 0 ? BEAT : properties.everyOrDefault();
            Thread.sleep(followed.isEmpty() ? FIRST_BEAT : beat);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void follow() {
        Set<NodeId> mine = new HashSet<>();
        // One lease is for many nodes, and renewed once.
        Map<Integer, Boolean> held = new HashMap<>();
        for (Node node : nodes.all(Agents.own(BEAT))) {
            if (held.computeIfAbsent(ShardLeases.shard(node.id()), shard -> leases.hold(node.id()))) {
                mine.add(node.id());
                followed.compute(node.id(), this::goOn);
            }
        }
        followed.entrySet().removeIf(entry -> {
            boolean lost = !mine.contains(entry.getKey());
            if (lost) {
                LOG.info("another replica works for node {} now", entry.getKey());
                end(entry.getValue());
            }
            return lost;
        });
    }

    private Followed goOn(NodeId node, @Nullable Followed before) {
        Long epoch = leases.held(node);
        if (before != null && (epoch == null || epoch.equals(before.epoch))) {
            return before; // Or it was lost this moment, which the next round sees.
        }
        if (before != null) {
            LOG.info("node {} is followed anew, under epoch {} of its lease", node, epoch);
            end(before);
        }
        // Also who takes it over from another replica: the database may have been restored since it kept them.
        store.forgetRecent();
        AgentWatch watch = new AgentWatch(node, agents, store, settlement, quarantine, sessions);
        return new Followed(watch, Thread.ofVirtual().name("watch-" + node).start(watch), epoch);
    }

    private static void end(Followed followed) {
        followed.watch.stop();
        followed.thread.interrupt();
    }

    private void pass(NodeId node) {
        Instant before = Instant.now().minus(properties.leaveForOrDefault());
        List<Thread> settling = new ArrayList<>();
        undoing.leftBefore(node, before).forEach(row -> settling.add(begin(row, undoing::settle)));
        undoing.halfUpdated(node, before).forEach(row -> settling.add(begin(row, undoing::undoUpdate)));
        try {
            for (Thread one : settling) {
                one.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Thread begin(ContainerRow row, Predicate<ContainerRow> work) {
        places.acquireUninterruptibly();
        return Thread.ofVirtual().name("undo-" + row.id().shortForm()).start(() -> settle(row, work));
    }

    private void settle(ContainerRow row, Predicate<ContainerRow> work) {
        try {
            if (work.test(row)) {
                LOG.info("container {} was left half done while it was {}; it has been settled", row.id(), row.state());
            }
        } catch (RuntimeException e) {
            LOG.warn("container {} cannot be settled yet: {}", row.id(), e.toString());
        } finally {
            places.release();
        }
    }
}
