package io.longshore.container.drain;

import io.longshore.container.lease.ShardLeases;
import io.longshore.container.move.Move;
import io.longshore.container.move.Moves;
import io.longshore.container.move.Stays;
import io.longshore.container.placement.Agents;
import io.longshore.container.placement.Nodes;
import io.longshore.container.reconcile.ReconcileProperties;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The loop that drains the nodes this replica works for, and goes on with moves that were cut off. A node's time begins when an operator last
 * changed what he wants of it.
 */
@Component
@EnableConfigurationProperties(DrainProperties.class)
class Draining implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Draining.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int LOG_EVERY = 20;
    /** Moves that are gone on with at the same time. */
    private static final int AT_ONCE = 8;

    private final Nodes nodes;
    private final ShardLeases leases;
    private final Moves moves;
    private final Stays stays;
    private final NodeDrain drain;
    private final Relocation relocation;
    private final Settings settings;
    /** The rounds of nodes, and the moves that are gone on with. */
    private final Map<Object, Thread> working = new ConcurrentHashMap<>();

    private volatile boolean running;
    private @Nullable Thread thread;

    Draining(
            Nodes nodes,
            ShardLeases leases,
            Moves moves,
            Stays stays,
            NodeDrain drain,
            Relocation relocation,
            Settings settings) {
        this.nodes = nodes;
        this.leases = leases;
        this.moves = moves;
        this.stays = stays;
        this.drain = drain;
        this.relocation = relocation;
        this.settings = settings;
    }

    /** What operators have set. */
    @Component
    record Settings(DrainProperties drain, ReconcileProperties reconcile) {}

    @Override
    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("drain").start(this::loop);
    }

    @Override
    public void stop() {
        running = false;
        if (thread != null) {
            thread.interrupt();
        }
        working.values().forEach(Thread::interrupt);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void loop() {
        int failures = 0;
        Duration every = settings.reconcile.everyOrDefault();
        while (running) {
            try {
                Thread.sleep(every);
                look();
                failures = 0;
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (running && failures++ % LOG_EVERY == 0) {
                    LOG.warn("draining failed, the next round goes on: {}", e.toString());
                }
            }
        }
    }

    private void look() {
        Map<NodeId, Node> all =
                nodes.all(Agents.own(LIMIT)).stream().collect(Collectors.toMap(Node::id, Function.identity()));
        List<Node> drained = all.values().stream()
                .filter(node -> node.spec().availability() == Availability.DRAIN)
                .toList();
        stays.keepOnly(drained.stream().map(Node::id).toList());
        drained.stream()
                .filter(node -> leases.held(node.id()) != null)
                .forEach(node -> begin(node.id(), () -> drain.round(node, terms(node))));
        for (Move move : moves.all()) {
            if (!all.containsKey(move.arrived() ? move.target() : move.source())) {
                relocation.forget(move);
            } else if (isOurs(move, all.keySet()) && working.size() < drained.size() + AT_ONCE) {
                begin(move.container(), () -> relocation.resume(move, mayLeave(move, all)));
            }
        }
    }

    private NodeDrain.Terms terms(Node node) {
        Instant until = until(node);
        return new NodeDrain.Terms(
                until,
                settings.drain.atOnceOrDefault(),
                settings.reconcile.leaveForOrDefault(),
                () -> running
                        && Instant.now().isBefore(until)
                        && leases.held(node.id()) != null
                        && nodes.all(Agents.own(LIMIT)).stream()
                                .anyMatch(now -> now.id().equals(node.id())
                                        && now.ready()
                                        && now.spec().availability() == Availability.DRAIN));
    }

    private Instant until(Node node) {
        return node.spec().updated().plus(settings.drain.deadlineOrDefault());
    }

    /** Whoever works for the node that it leaves; for one that is no node any more, who works for its target. */
    private boolean isOurs(Move move, Set<NodeId> known) {
        NodeId node = known.contains(move.source()) ? move.source() : move.target();
        return leases.held(node) != null;
    }

    /** Whether what has not left yet may still do so. */
    private boolean mayLeave(Move move, Map<NodeId, Node> all) {
        Node source = all.get(move.source());
        Node target = all.get(move.target());
        return source != null
                && source.spec().availability() == Availability.DRAIN
                && Instant.now().isBefore(until(source))
                && target != null
                && target.isSchedulable();
    }

    private void begin(Object key, Runnable work) {
        if (working.containsKey(key)) {
            return;
        }
        Thread one = Thread.ofVirtual().name("drain-" + key).unstarted(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                if (running) {
                    LOG.warn("draining ({}) failed, the next round goes on: {}", key, e.toString());
                }
            } finally {
                working.remove(key);
            }
        });
        working.put(key, one);
        one.start();
    }
}
