package io.longshore.container.reconcile;

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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The reconcile loop of this replica: holds the leases of the nodes it works for, follows their agents, and finishes or undoes what was left
 * half done. One pass never waits for another; whatever fails is tried again in the next.
 */
@Component
class Keeper implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    /** A lease lasts three times as long. */
    private static final Duration BEAT = Duration.ofSeconds(3);
    /** Until the first node is there, look more often: a start waits for it. */
    private static final Duration FIRST_BEAT = Duration.ofMillis(250);
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
    private final ReconcileProperties properties;
    private final Map<NodeId, Followed> followed = new HashMap<>();
    private volatile boolean running;
    private @org.jspecify.annotations.Nullable Thread thread;

    Keeper(Parts parts, ReconcileProperties properties) {
        this.nodes = parts.nodes;
        this.agents = parts.agents;
        this.store = parts.store;
        this.leases = parts.leases;
        this.settlement = parts.settlement;
        this.undoing = parts.undoing;
        this.quarantine = parts.quarantine;
        this.sweep = parts.sweep;
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
            ClaimSweep sweep) {}

    private record Followed(AgentWatch watch, Thread thread) {}

    @Override
    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("keeper").start(this::loop);
    }

    @Override
    public void stop() {
        running = false;
        if (thread != null) {
            thread.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void loop() {
        int failures = 0;
        long nextPass = System.nanoTime();
        long nextSweep = System.nanoTime() + properties.sweepEveryOrDefault().toNanos();
        while (running) {
            try {
                follow();
                if (!followed.isEmpty() && System.nanoTime() - nextPass >= 0) {
                    followed.keySet().forEach(this::pass);
                    nextPass = System.nanoTime() + properties.everyOrDefault().toNanos();
                }
                if (!followed.isEmpty() && System.nanoTime() - nextSweep >= 0) {
                    sweep.sweep();
                    nextSweep =
                            System.nanoTime() + properties.sweepEveryOrDefault().toNanos();
                }
                failures = 0;
            } catch (RuntimeException e) {
                if (failures++ % LOG_EVERY == 0) {
                    LOG.warn("reconcile pass failed, the next one goes on: {}", e.toString());
                }
            }
            if (!rest()) {
                break;
            }
        }
        followed.values().forEach(Keeper::end);
    }

    private boolean rest() {
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
        for (Node node : nodes.all(Agents.own(BEAT))) {
            if (leases.hold(node.id())) {
                mine.add(node.id());
                followed.computeIfAbsent(node.id(), this::begin);
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

    private Followed begin(NodeId node) {
        AgentWatch watch = new AgentWatch(node, agents, store, settlement, quarantine);
        return new Followed(watch, Thread.ofVirtual().name("watch-" + node).start(watch));
    }

    private static void end(Followed followed) {
        followed.watch.stop();
        followed.thread.interrupt();
    }

    private void pass(NodeId node) {
        Instant before = Instant.now().minus(properties.leaveForOrDefault());
        for (ContainerRow row : undoing.leftBefore(node, before)) {
            try {
                LOG.info("container {} was left {}; it is settled", row.id(), row.state());
                undoing.settle(row);
            } catch (RuntimeException e) {
                LOG.warn("container {} cannot be settled yet: {}", row.id(), e.toString());
            }
        }
    }
}
