package io.longshore.container.overlay;

import io.longshore.container.lease.ShardLeases;
import io.longshore.container.overlay.PeerSets.Wanted;
import io.longshore.container.placement.Agents;
import io.longshore.contracts.agent.OverlayPeers;
import io.longshore.contracts.agent.OverlayPeers.Peer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one node, for as long as this replica holds its lease, what it is to know of the others: all of it first, then what changes. A node
 * that is slow or away holds up no other. Thread-safe.
 */
final class NodeTelling implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeTelling.class);
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /** How long an agent may have lost what it was told, with its work directory, before that is found out. */
    private static final Duration ASKED_AGAIN = Duration.ofSeconds(5);

    private final NodeId node;
    private final Agents agents;
    private final ShardLeases leases;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Wanted wanted = Wanted.NOTHING;
    private boolean known;
    private boolean stopped;
    /** What the node has, under which epoch and revision; of the telling thread, but for {@code has}. */
    private @Nullable Map<String, Peer> has;

    private Set<String> networks = Set.of();
    private long epoch;
    private long revision;
    private boolean away;

    NodeTelling(NodeId node, Agents agents, ShardLeases leases) {
        this.node = node;
        this.agents = agents;
        this.leases = leases;
    }

    /** What the node is to know from now on. */
    void want(Wanted next) {
        lock.lock();
        try {
            if (!known || !next.equals(wanted)) {
                known = true;
                wanted = next;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends it; the thread should be interrupted, too. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the node was told who is on these networks. */
    boolean knows(Set<String> asked) {
        lock.lock();
        try {
            return networks.containsAll(asked);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it was; false if that takes longer. */
    boolean await(Set<String> asked, Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!networks.containsAll(asked) && nanos > 0 && !stopped) {
                nanos = changed.awaitNanos(nanos);
            }
            return networks.containsAll(asked);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        try {
            Duration pause = PAUSE_AFTER_FAILURE;
            for (Wanted next = next(); next != null; next = next()) {
                try {
                    tell(next);
                    pause = PAUSE_AFTER_FAILURE;
                } catch (RuntimeException e) {
                    has = null;
                    problem(e);
                    Thread.sleep(pause);
                    pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Or nobody has said yet what it is to know. */
    private boolean isTold() {
        return !known || (wanted.peers().equals(has) && networks.equals(wanted.networks()));
    }

    /** What is to be told now, at least once in a while; null at the end. */
    private @Nullable Wanted next() throws InterruptedException {
        lock.lock();
        try {
            long nanos = ASKED_AGAIN.toNanos();
            while (!stopped && isTold() && (nanos > 0 || wanted.networks().isEmpty())) {
                nanos = changed.awaitNanos(Math.max(1, nanos));
                if (wanted.networks().isEmpty()) {
                    nanos = ASKED_AGAIN.toNanos();
                }
            }
            return stopped ? null : wanted;
        } finally {
            lock.unlock();
        }
    }

    private void tell(Wanted next) {
        Long mine = leases.held(node);
        if (mine == null) {
            throw new Failure.Unavailable("the lease of node " + node + " is not held now");
        }
        if (mine != epoch) {
            epoch = mine;
            revision = 0;
            has = null;
        }
        OverlayPeers change = PeerSets.change(epoch, has, revision, next.peers());
        // Whatever comes of it: what may still arrive late is not to pass for what is told next.
        revision = change.revision();
        long answered;
        try {
            answered = agents.overlay(node).peers(Agents.own(CALL), change);
        } catch (Failure.Conflict refused) {
            long highest = agents.api(node).highestEpoch(Agents.own(CALL));
            if (highest > epoch) {
                leases.epochFrom(node, highest);
            }
            throw refused;
        }
        boolean taken = answered == change.revision();
        revision = Math.max(revision, answered);
        if (away) {
            away = false;
            LOG.info("node {} is told again of containers on other nodes", node);
        }
        lock.lock();
        try {
            has = taken ? next.peers() : null;
            networks = taken ? next.networks() : Set.of();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void problem(RuntimeException e) {
        if (!away) {
            away = true;
            LOG.warn(
                    "cannot tell node {} of containers on other nodes, and go on trying: {}",
                    node,
                    e instanceof Failure failure ? failure.text() : e.toString());
        }
    }
}
