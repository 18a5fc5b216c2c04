package io.longshore.fleet;

import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.Sweep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * What the replicas of fleet-service know of the nodes. Once a second each one tells the others by the database whom it has heard, and reads
 * what they have. While the database is away it goes on with what it hears itself, and of those that it does not hear nothing is concluded
 * for {@link #LONGEST_BLIND}: their signs of life may go to another replica. Thread-safe.
 */
@Component
class Sightings extends Sweep {
    /** A node that was silent for this long is not ready: three heartbeats. */
    static final Duration READY_WITHIN = Duration.ofSeconds(9);
    /** Of a node's row its time: what is left after a crash of the database. */
    static final Duration WRITE_EVERY = Duration.ofSeconds(30);

    static final Duration EVERY = Duration.ofSeconds(1);
    static final Duration LONGEST_BLIND = Duration.ofSeconds(60);
    /** Silence of the database that is too short to say anything. */
    private static final Duration BLIND_AFTER = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(Sightings.class);

    private final NodeRepository rows;
    private final SightingStore store;
    private final Clock clock;
    private final Instant started;
    private final Map<NodeId, Sighting> known = new ConcurrentHashMap<>();
    private volatile Sight sight;
    /** Of the thread that takes turns. */
    private boolean away;

    Sightings(NodeRepository rows, SightingStore store, Clock clock) {
        super("signs of life", EVERY, EVERY);
        this.rows = rows;
        this.store = store;
        this.clock = clock;
        this.started = clock.instant();
        this.sight = new Sight(started, Instant.EPOCH, Instant.EPOCH);
        read();
    }

    /**
     * Since when the database tells what others have heard.
     *
     * @param last reading
     * @param from when the database was last away
     * @param to when it was back
     */
    private record Sight(Instant last, Instant from, Instant to) {
        Sight read(Instant now) {
            return isBlind(now) ? new Sight(now, last, now) : new Sight(now, from, to);
        }

        boolean isBlind(Instant now) {
            return Duration.between(last, now).compareTo(BLIND_AFTER) > 0;
        }

        /** How long a node that was last heard then is known to be silent. */
        Duration silence(Instant heard, Instant now) {
            if (isBlind(now)) {
                Instant concluded = now.minus(LONGEST_BLIND);
                return Duration.between(heard, concluded.isAfter(last) ? concluded : last);
            }
            // After a gap the others have to tell first: who was alive at its beginning has the whole time once more.
            boolean inGap = heard.isBefore(to) && heard.isAfter(from.minus(READY_WITHIN));
            return Duration.between(inGap ? to : heard, now);
        }
    }

    @Override
    protected void turn() {
        try {
            tell();
            read();
            if (away) {
                LOG.info("what other replicas have heard of nodes is known again");
            }
            away = false;
        } catch (DataAccessException | TransactionException e) {
            if (!away) {
                LOG.warn(
                        "what other replicas have heard of nodes is not known for now: {}",
                        e.getMostSpecificCause().getMessage());
            }
            away = true;
        }
    }

    /** Tells the other replicas whom this one has heard since it last did. */
    void tell() {
        Instant now = clock.instant();
        Map<Sighting, Instant> telling = new HashMap<>();
        Map<NodeId, Duration> ages = new HashMap<>();
        known.forEach((id, sighting) -> {
            Instant heard = sighting.untold();
            if (heard != null) {
                telling.put(sighting, heard);
                ages.put(id, Duration.between(heard, now));
            }
        });
        if (!ages.isEmpty()) {
            store.heard(ages, WRITE_EVERY);
            telling.forEach(Sighting::told);
        }
    }

    /** Reads which nodes there are, what has changed of them, and when they were last heard. */
    final void read() {
        Instant now = clock.instant();
        long begun = System.nanoTime();
        List<SightingStore.Line> lines = store.all();
        List<String> changed = lines.stream()
                .filter(this::isNews)
                .map(line -> line.id().value())
                .toList();
        if (!changed.isEmpty()) {
            rows.findByIdIn(changed).forEach(row -> at(row.nodeId()).learn(row, begun));
        }
        Set<NodeId> there = new HashSet<>();
        for (SightingStore.Line line : lines) {
            there.add(line.id());
            Sighting sighting = known.get(line.id());
            if (sighting != null) {
                sighting.heardElsewhere(now.minus(line.age()));
            }
        }
        known.entrySet()
                .removeIf(entry ->
                        !there.contains(entry.getKey()) && entry.getValue().isGone(begun));
        sight = sight.read(clock.instant());
    }

    private boolean isNews(SightingStore.Line line) {
        Sighting sighting = known.get(line.id());
        return sighting == null || sighting.isBehind(line.version());
    }

    /** Of a node, known or not. */
    Sighting at(NodeId id) {
        return known.computeIfAbsent(id, key -> new Sighting());
    }

    void forget(NodeId id) {
        known.remove(id);
    }

    void forEach(BiConsumer<NodeId, Sighting> action) {
        known.forEach(action);
    }

    boolean isReady(Sighting sighting) {
        return isHeard(sighting.at(), clock.instant());
    }

    private boolean isHeard(Instant at, Instant now) {
        return sight.silence(at, now).compareTo(READY_WITHIN) < 0;
    }

    /**
     * The place of a node that is alive, as far as is known; null for one that is silent. What this replica does not know yet since it has
     * just started counts as alive.
     */
    SightingStore.@Nullable Place place(Sighting sighting) {
        var last = sighting.heartbeat();
        if (last == null) {
            return null;
        }
        Instant now = clock.instant();
        Instant at = sighting.at();
        boolean justStarted = Duration.between(started, now).compareTo(READY_WITHIN) < 0
                && Duration.between(at, started).compareTo(LONGEST_BLIND) < 0;
        return justStarted || isHeard(at, now)
                ? new SightingStore.Place(last.agentAddress(), last.machine(), Duration.between(at, now))
                : null;
    }
}
