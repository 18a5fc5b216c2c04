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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/** The nodes and their signs of life; what operators want of them, and their end. Thread-safe, and right with other replicas beside it. */
@Component
class Nodes {
    private final NodeRepository rows;
    private final SightingStore store;
    private final Sightings sightings;
    private final NodeSpecs specs;
    private final Membership membership;
    private final TransactionOperations transactions;
    private final Clock clock;

    Nodes(
            NodeRepository rows,
            SightingStore store,
            Sightings sightings,
            NodeSpecs specs,
            Membership membership,
            TransactionOperations transactions,
            Clock clock) {
        this.rows = rows;
        this.store = store;
        this.sightings = sightings;
        this.specs = specs;
        this.membership = membership;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** Takes a sign of life. One that says nothing new needs no database: other replicas are told of it later. */
    void heartbeat(NodeId id, Heartbeat heartbeat) {
        if (heartbeat.name().isBlank()) {
            throw new Failure.Invalid("node " + id + ": its name is empty");
        }
        Address.parse(heartbeat.agentAddress());
        Sighting node = sightings.at(id);
        node.writing().lock();
        try {
            Instant now = clock.instant();
            refuseCopy(id, sightings.place(node), heartbeat);
            if (node.isNews(heartbeat)) {
                if (node.heartbeat() != null) {
                    node.heard(now); // It is alive, though the database may be away for what it has to say.
                }
                node.wrote(heartbeat, write(id, heartbeat, now));
            }
            node.heard(now);
        } finally {
            node.writing().unlock();
        }
    }

    /** An agent that goes on where another has ended is of the same machine and place, or comes when that one is silent. */
    private static void refuseCopy(NodeId id, SightingStore.@Nullable Place alive, Heartbeat heartbeat) {
        if (alive != null && !alive.isOf(heartbeat)) {
            throw new Failure.Conflict("node " + id + " is alive at " + alive.agentAddress() + ", and the agent at "
                    + heartbeat.agentAddress() + " has the same identity: if it is a copy, have that machine join for"
                    + " itself; if the agent has moved, it is let in once the old one is silent for "
                    + Sightings.READY_WITHIN.toSeconds() + " s");
        }
    }

    /** Gives the node's first sign of life. Another replica may make its row meanwhile: then it has one at the second try. */
    private Instant write(NodeId id, Heartbeat heartbeat, Instant at) {
        try {
            return writeOnce(id, heartbeat, at);
        } catch (DataIntegrityViolationException e) {
            return writeOnce(id, heartbeat, at);
        }
    }

    private Instant writeOnce(NodeId id, Heartbeat heartbeat, Instant at) {
        return Objects.requireNonNull(transactions.execute(status -> {
            Optional<String> joined = membership.lockedName(id);
            joined.ifPresent(name -> refuseOther(id, name, heartbeat));
            if (joined.isEmpty()) {
                refuseTaken(id, heartbeat.name());
            }
            store.locked(id)
                    .filter(place -> place.age().compareTo(Sightings.READY_WITHIN) < 0)
                    .ifPresent(place -> refuseCopy(id, place, heartbeat));
            NodeRow row = rows.findById(id.value()).orElseGet(() -> first(id, at));
            row.take(heartbeat, at);
            rows.saveAndFlush(row);
            store.heard(Map.of(id, Duration.ZERO), Sightings.WRITE_EVERY);
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

    private void refuseTaken(NodeId id, String name) {
        membership.joinedAs(name).ifPresent(other -> {
            throw new Failure.Conflict("node " + id + " calls itself " + name + ", and node " + other
                    + " has joined by that name: set agent.node-name to another one");
        });
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
            store.delete(node.id());
        });
        specs.forget();
        sightings.forget(node.id());
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
        List<Node> all = new ArrayList<>();
        sightings.forEach((id, sighting) -> {
            Heartbeat said = sighting.heartbeat();
            if (said != null) { // else its first write has not succeeded yet
                all.add(new Node(
                        id,
                        said.name(),
                        said.agentAddress(),
                        said.labels(),
                        said.info(),
                        sighting.at(),
                        sightings.isReady(sighting),
                        sighting.joined(),
                        specs.of(id)));
            }
        });
        all.sort(
                Comparator.comparing(Node::name).thenComparing(node -> node.id().value()));
        return all;
    }
}
