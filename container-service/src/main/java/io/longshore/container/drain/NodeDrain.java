package io.longshore.container.drain;

import io.longshore.container.move.Move;
import io.longshore.container.move.Moves;
import io.longshore.container.move.Stays;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** A round through the containers of a node that is being drained: what can move does, and of the others it is written down why they stay. */
@Component
class NodeDrain {
    private static final Logger LOG = LoggerFactory.getLogger(NodeDrain.class);
    private static final int PAGE = 100;
    /** More than anybody runs on one node; what is beyond comes when these have gone. */
    private static final int MOST = 10_000;

    /** For what keeps containers also when nothing is moved any more. */
    private static final Duration NO_HURRY = Duration.ofDays(36_500);

    private static final Set<ContainerState> THERE = EnumSet.complementOf(EnumSet.of(ContainerState.CREATING));

    private final ContainerStore store;
    private final Moves moves;
    private final Stays stays;
    private final Destination destination;
    private final Relocation relocation;

    NodeDrain(ContainerStore store, Moves moves, Stays stays, Destination destination, Relocation relocation) {
        this.store = store;
        this.moves = moves;
        this.stays = stays;
        this.destination = destination;
        this.relocation = relocation;
    }

    /**
     * How a round goes.
     *
     * @param until when the node's time is over
     * @param atOnce how many containers are moved at the same time
     * @param young how long a container that was never started is left to who has made it
     * @param goesOn asked before each move
     */
    record Terms(Instant until, int atOnce, Duration young, BooleanSupplier goesOn) {}

    /** Returns when all that could be moved are. */
    void round(Node node, Terms terms) {
        List<ContainerRow> movable = judge(node, terms);
        Semaphore places = new Semaphore(terms.atOnce());
        List<Thread> moving = new ArrayList<>();
        try {
            for (ContainerRow row : movable) {
                places.acquire();
                if (!terms.goesOn().getAsBoolean()) {
                    break;
                }
                moving.add(
                        Thread.ofVirtual().name("move-" + row.id().shortForm()).start(() -> {
                            try {
                                move(row);
                            } finally {
                                places.release();
                            }
                        }));
            }
            for (Thread one : moving) {
                one.join();
            }
        } catch (InterruptedException e) {
            moving.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
    }

    /** Writes down why containers stay; those that nothing keeps, the ones first that were not tried before. */
    private List<ContainerRow> judge(Node node, Terms terms) {
        List<ContainerRow> rows = rows(node.id());
        Surroundings around = Surroundings.of(rows);
        Set<ContainerId> leaving = moves.from(node.id());
        Map<ContainerId, String> before = stays.of(node.id());
        Instant now = Instant.now();
        Duration left = Duration.between(now, terms.until());
        Map<ContainerId, String> reasons = new HashMap<>();
        List<ContainerRow> untried = new ArrayList<>();
        List<ContainerRow> tried = new ArrayList<>();
        for (ContainerRow row : rows) {
            boolean late = left.isNegative();
            String reason = node.ready() ? Mobility.stays(row, around, late ? NO_HURRY : left) : down(node);
            if (reason == null && late) {
                reason = before.getOrDefault(row.id(), "it was not moved in time: the drain's deadline is over");
            }
            if (reason != null) {
                reasons.put(row.id(), reason);
            } else if (!leaving.contains(row.id()) && !isYoung(row, now, terms.young())) {
                String last = before.get(row.id());
                (last == null ? untried : tried).add(row);
                if (last != null) {
                    reasons.put(row.id(), last);
                }
            }
        }
        leaving.forEach(reasons::remove);
        stays.replace(node.id(), reasons);
        untried.addAll(tried);
        return untried;
    }

    private static String down(Node node) {
        return "node " + node.name() + " is down: nobody can stop it there, and it may still run, so it is not started"
                + " elsewhere";
    }

    /** One that somebody has just made is about to be attached to, copied into or started. */
    private static boolean isYoung(ContainerRow row, Instant now, Duration young) {
        return row.state() == ContainerState.CREATED
                && row.created().plus(young).isAfter(now);
    }

    private List<ContainerRow> rows(NodeId node) {
        List<ContainerRow> rows = new ArrayList<>();
        List<ContainerRow> page;
        String after = "";
        do {
            page = store.onNode(node, THERE, after, PAGE);
            for (ContainerRow row : page) {
                after = row.id().value();
                if (row.state() != ContainerState.REMOVING) {
                    rows.add(row);
                }
            }
        } while (page.size() == PAGE && rows.size() < MOST);
        return rows;
    }

    private void move(ContainerRow row) {
        try {
            Move move = destination.reserve(row);
            LOG.info("container {} moves from node {} to node {}", row.id(), move.source(), move.target());
            relocation.move(move);
        } catch (RuntimeException e) {
            stay(row, e);
        }
    }

    private void stay(ContainerRow row, RuntimeException why) {
        String reason = Relocation.text(why);
        try {
            boolean there = store.byId(row.id())
                    .map(now -> now.node().equals(row.node()))
                    .orElse(false);
            if (there && stays.put(row.node(), row.id(), reason)) {
                LOG.info("container {} stays on node {}: {}", row.id(), row.node(), reason);
            }
        } catch (RuntimeException e) {
            LOG.warn("why container {} stays cannot be written down now ({}): {}", row.id(), reason, e.toString());
        }
    }
}
