package io.longshore.fleet;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.id.NodeId;
import io.longshore.fleet.join.Membership;
import io.longshore.platform.client.Address;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
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
    private final NodeSpecs specs;
    private final Membership membership;
    private final TransactionOperations transactions;
    private final Clock clock;
    private final Map<NodeId, Seen> seen = new ConcurrentHashMap<>();

    Nodes(
            NodeRepository rows,
            NodeSpecs specs,
            Membership membership,
            TransactionOperations transactions,
            Clock clock) {
        this.rows = rows;
        this.specs = specs;
        this.membership = membership;
        this.transactions = transactions;
        this.clock = clock;
        rows.findAll().forEach(row -> seen.put(row.nodeId(), new Seen(row.heartbeat(), row.lastSeen(), row.joined())));
    }

    /** One node's latest sign of life; its lock orders the writes of its row. */
    private static final class Seen {
        private final ReentrantLock writing = new ReentrantLock();
        private volatile @Nullable Heartbeat heartbeat;
        private volatile Instant at = Instant.EPOCH;
        private @Nullable Heartbeat written;
        private Instant writtenAt = Instant.EPOCH;
        private volatile Instant joined = Instant.EPOCH;

        Seen() {}

        Seen(Heartbeat heartbeat, Instant at, Instant joined) {
            this.joined = joined;
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
                node.joined = write(id, heartbeat, now);
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

    /** Gives the node's first sign of life. */
    private Instant write(NodeId id, Heartbeat heartbeat, Instant at) {
        return Objects.requireNonNull(transactions.execute(status -> {
            membership.name(id).ifPresent(name -> refuseOther(id, name, heartbeat));
            NodeRow row = rows.findById(id.value()).orElseGet(() -> first(id, at));
            row.take(heartbeat, at);
            rows.save(row);
            return row.joined();
        }));
    }

    /** What a machine that has joined says of itself others believe: it has its one name, and is where it has to prove who it is. */
    private static void refuseOther(NodeId id, String joined, Heartbeat heartbeat) {
        if (!heartbeat.name().equals(joined)) {
            throw new Failure.Conflict("node " + id + " has joined as " + joined + " and calls itself "
                    + heartbeat.name() + ": set agent.node-name to " + joined + ", or have it join anew");
        }
        if (!(Address.parse(heartbeat.agentAddress()) instanceof Address.Tls)) {
            throw new Failure.Invalid("node " + joined + " says that it is at " + heartbeat.agentAddress()
                    + ": one that has joined is at https://HOST:PORT");
        }
    }

    private NodeRow first(NodeId id, Instant at) {
        if (membership.wasRemoved(id)) {
            throw new Failure.Unauthenticated("node " + id + " was removed from the fleet: have it join again");
        }
        specs.forget();
        return new NodeRow(id, at);
    }

    /** By its id, the beginning of one, or its name; {@link Failure.NotFound}, or {@link Failure.Conflict} for several. */
    Node find(String reference) {
        return known(reference).orElseThrow(() -> new Failure.NotFound("node " + reference + " not found"));
    }

    /** As {@link #find}; empty for none. */
    Optional<Node> known(String reference) {
        List<Node> all = all();
        List<Node> found = Stream.<Predicate<Node>>of(
                        node -> node.id().value().equals(reference),
                        node -> node.name().equals(reference),
                        node -> node.id().value().startsWith(reference))
                .map(wanted -> all.stream().filter(wanted).toList())
                .filter(some -> !some.isEmpty())
                .findFirst()
                .orElse(List.of());
        if (found.size() > 1) {
            throw new Failure.Conflict("node " + reference + " is ambiguous (" + found.size() + " matches found)");
        }
        return found.stream().findFirst();
    }

    /** Takes what an operator wants of a node; {@link Failure.Conflict} when that was changed since {@code version}. */
    void update(Node node, long version, NodeSpec.Availability availability, Map<String, String> labels) {
        if (!specs.update(node.id(), version, availability, labels, clock.instant())) {
            throw new Failure.Conflict("node " + node.name() + " was changed since version " + version
                    + ": read it again, it is at version " + specs.of(node.id()).version());
        }
    }

    /** It is not of the fleet any more; {@link Failure.Conflict} for one that is alive, unless {@code force}. */
    void remove(Node node, boolean force) {
        if (node.ready() && membership.name(node.id()).isEmpty()) {
            throw new Failure.Conflict("node " + node.name()
                    + " runs beside fleet-service and would come back at once: stop its agent first");
        }
        if (node.ready() && !force) {
            throw new Failure.Conflict("node " + node.name() + " is not down and can't be removed: stop its agent, or"
                    + " remove it with --force");
        }
        transactions.executeWithoutResult(status -> {
            membership.remove(node.id());
            specs.delete(node.id());
            rows.deleteById(node.id().value());
        });
        specs.forget();
        seen.remove(node.id());
    }

    /** The same for a machine that has joined and was never heard of; {@link Failure.NotFound}. */
    void removeUnheard(String reference) {
        NodeId id =
                membership.find(reference).orElseThrow(() -> new Failure.NotFound("node " + reference + " not found"));
        transactions.executeWithoutResult(status -> {
            membership.remove(id);
            specs.delete(id);
        });
    }

    /** All nodes, by name and then by id. */
    List<Node> all() {
        Instant now = clock.instant();
        return seen.entrySet().stream()
                .map(entry -> node(entry.getKey(), entry.getValue(), now))
                .filter(Objects::nonNull)
                .sorted(Comparator.comparing(Node::name)
                        .thenComparing(node -> node.id().value()))
                .toList();
    }

    private @Nullable Node node(NodeId id, Seen seen, Instant now) {
        Heartbeat heartbeat = seen.heartbeat;
        if (heartbeat == null) {
            return null; // its first write has not succeeded yet
        }
        Instant at = seen.at;
        boolean ready = Duration.between(at, now).compareTo(READY_WITHIN) < 0;
        return new Node(
                id,
                heartbeat.name(),
                heartbeat.agentAddress(),
                heartbeat.labels(),
                heartbeat.info(),
                at,
                ready,
                seen.joined,
                specs.of(id));
    }
}
