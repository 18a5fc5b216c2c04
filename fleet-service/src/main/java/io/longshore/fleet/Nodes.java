package io.longshore.fleet;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Address;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The nodes and their signs of life. A heartbeat is kept in memory and written when something changed or the row is old; so the row's
 * time may be {@link #WRITE_EVERY} behind. Thread-safe.
 */
@Component
class Nodes {
    /** A node that was silent for this long is not ready: three heartbeats. */
    static final Duration READY_WITHIN = Duration.ofSeconds(9);

    static final Duration WRITE_EVERY = Duration.ofSeconds(30);

    private final NodeRepository rows;
    private final TransactionOperations transactions;
    private final Clock clock;
    private final Map<NodeId, Seen> seen = new ConcurrentHashMap<>();

    Nodes(NodeRepository rows, TransactionOperations transactions, Clock clock) {
        this.rows = rows;
        this.transactions = transactions;
        this.clock = clock;
        rows.findAll().forEach(row -> seen.put(row.nodeId(), new Seen(row.heartbeat(), row.lastSeen())));
    }

    /** One node's latest sign of life; its lock orders the writes of its row. */
    private static final class Seen {
        private final ReentrantLock writing = new ReentrantLock();
        private volatile @Nullable Heartbeat heartbeat;
        private volatile Instant at = Instant.EPOCH;
        private @Nullable Heartbeat written;
        private Instant writtenAt = Instant.EPOCH;

        Seen() {}

        Seen(Heartbeat heartbeat, Instant at) {
            this.heartbeat = heartbeat;
            this.at = at;
            this.written = heartbeat;
            this.writtenAt = at;
        }
    }

    /** Takes a sign of life. */
    void heartbeat(NodeId id, Heartbeat heartbeat) {
        if (heartbeat.name().isBlank()) {
            throw new Failure.Invalid("node " + id + ": its name is empty");
        }
        Address.parse(heartbeat.agentAddress());
        Seen node = seen.computeIfAbsent(id, key -> new Seen());
        node.writing.lock();
        try {
            Instant now = clock.instant();
            refuseCopy(id, node, heartbeat, now);
            if (!heartbeat.equals(node.written)
                    || Duration.between(node.writtenAt, now).compareTo(WRITE_EVERY) >= 0) {
                write(id, heartbeat, now);
                node.written = heartbeat;
                node.writtenAt = now;
            }
            node.heartbeat = heartbeat;
            node.at = now;
        } finally {
            node.writing.unlock();
        }
    }

    /** An agent that goes on where another has ended is of the same machine and place, or comes when that one is silent. */
    private static void refuseCopy(NodeId id, Seen node, Heartbeat heartbeat, Instant now) {
        Heartbeat last = node.heartbeat;
        if (last == null || Duration.between(node.at, now).compareTo(READY_WITHIN) >= 0) {
            return;
        }
        boolean samePlace = last.agentAddress().equals(heartbeat.agentAddress());
        // A socket is of the machine of fleet-service, which may have started again within seconds.
        boolean sameMachine =
                heartbeat.agentAddress().startsWith("unix:") || last.machine().equals(heartbeat.machine());
        if (!samePlace || !sameMachine) {
            throw new Failure.Conflict("node " + id + " is alive at " + last.agentAddress() + ", and the agent at "
                    + heartbeat.agentAddress() + " has the same identity: if it is a copy, have that machine join for"
                    + " itself; if the agent has moved, it is let in once the old one is silent for "
                    + READY_WITHIN.toSeconds() + " s");
        }
    }

    private void write(NodeId id, Heartbeat heartbeat, Instant at) {
        transactions.executeWithoutResult(status -> {
            NodeRow row = rows.findById(id.value()).orElseGet(() -> new NodeRow(id));
            row.take(heartbeat, at);
            rows.save(row);
        });
    }

    /** All nodes, by name and then by id. */
    List<Node> all() {
        Instant now = clock.instant();
        return seen.entrySet().stream()
                .map(entry -> node(entry.getKey(), entry.getValue(), now))
                .filter(java.util.Objects::nonNull)
                .sorted(Comparator.comparing(Node::name)
                        .thenComparing(node -> node.id().value()))
                .toList();
    }

    private static @Nullable Node node(NodeId id, Seen seen, Instant now) {
        Heartbeat heartbeat = seen.heartbeat;
        if (heartbeat == null) {
            return null; // its first write has not succeeded yet
        }
        Instant at = seen.at;
        boolean ready = Duration.between(at, now).compareTo(READY_WITHIN) < 0;
        return new Node(
                id, heartbeat.name(), heartbeat.agentAddress(), heartbeat.labels(), heartbeat.info(), at, ready);
    }
}
