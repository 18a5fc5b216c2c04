package io.longshore.agent.container;

import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.state.Inventory;
import io.longshore.agent.state.Outcome;
import io.longshore.agent.state.Starts;
import io.longshore.agent.state.StateStore;
import io.longshore.agent.state.StoredContainer;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up the containers that the disk remembers. What the agent was doing with each when it died is finished or undone: a create or a
 * removal that was begun is finished, or the container cleaned away, a start whose process runs is kept, one whose process has ended
 * meanwhile is ended with its right exit code, one that never came to run is not counted.
 */
final class Recoverer {
    private static final Logger LOG = LoggerFactory.getLogger(Recoverer.class);
    /** Each recovery is some system calls and a connection to a supervisor: more at once gains nothing on a small machine. */
    private static final int AT_ONCE = 16;
    /** What Docker shows when it cannot know. */
    private static final int UNKNOWN = 255;

    private final Assembly assembly;
    private final StateStore store;
    private final Starter starter;
    private final String bootId;

    Recoverer(Assembly assembly, StateStore store, Starter starter, String bootId) {
        this.assembly = assembly;
        this.store = store;
        this.starter = starter;
        this.bootId = bootId;
    }

    /** All containers that are there. */
    Iterable<Container> recover(ChangesFeed feed) {
        Inventory inventory = store.load();
        Set<ContainerId> held = assembly.held();
        Queue<Container> found = new ConcurrentLinkedQueue<>();
        Semaphore places = new Semaphore(AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (StoredContainer stored : inventory.whole()) {
                threads.execute(() -> {
                    places.acquireUninterruptibly();
                    try {
                        if (stored.made() || finished(stored.spec())) {
                            found.add(recover(stored, held, feed));
                        }
                    } finally {
                        places.release();
                    }
                });
            }
        }
        inventory.damaged().forEach((id, why) -> found.add(broken(id, null, Starts.NONE, why, feed)));
        inventory.halfMade().forEach(this::cleanUp);
        removeOrphans(inventory);
        assembly.sweep(known(inventory));
        LOG.info(
                "took up {} containers, cleaned up after {}, {} cannot be read",
                inventory.whole().size(),
                inventory.halfMade().size(),
                inventory.damaged().size());
        return List.copyOf(found);
    }

    private static Set<ContainerId> known(Inventory inventory) {
        Set<ContainerId> known = new HashSet<>(inventory.damaged().keySet());
        inventory.whole().forEach(stored -> known.add(stored.spec().id()));
        return known;
    }

    /** Layers of containers of which nothing else is known, as when their directories were removed by hand: each holds its image's. */
    private void removeOrphans(Inventory inventory) {
        Set<ContainerId> orphans = new HashSet<>(assembly.withRoot());
        inventory.whole().forEach(stored -> orphans.remove(stored.spec().id()));
        orphans.removeAll(inventory.damaged().keySet());
        for (ContainerId id : orphans) {
            LOG.warn("nothing is known of container {} but its layer, which is removed", id);
            cleanUp(id);
        }
    }

    /** Makes what its create had not made when the agent died, or cleans it away. */
    private boolean finished(ContainerSpec spec) {
        try {
            starter.make(spec);
            return true;
        } catch (RuntimeException e) {
            LOG.warn("the create of container {} was cut off and cannot be finished; it is removed", spec.id(), e);
            cleanUp(spec.id());
            return false;
        }
    }

    private Container recover(StoredContainer stored, Set<ContainerId> held, ChangesFeed feed) {
        ContainerSpec spec = stored.spec();
        Outcome outcome = stored.outcome();
        Container container = new Container(spec.id(), feed);
        Starts starts = stored.starts();
        container.resumeRestarts(
                starts.commanded(), stored.stopped(), starts.bootId().equals(bootId));
        Health.Status health = stored.health();
        if (spec.healthCheck() != null && health != null) {
            container.healthIs(new Health(health, 0, List.of()));
        }
        long count = starts.count();
        if (count == 0 || (outcome != null && finishes(outcome, count))) {
            container.created(spec, count, outcome);
            if (held.contains(spec.id())) {
                // Its end or a failed start was written down, and the agent died before it had cleaned up.
                container.holding();
                starter.tidy(container);
            }
            return container;
        }
        container.resuming(spec, count, outcome);
        try {
            Recovery found = assembly.recover(spec, starter.listener(container, count));
            switch (found) {
                case Recovery.Alive alive -> {
                    container.runs(alive.running(), resumed(spec, alive.running()));
                    if (assembly.isFrozen(spec)) {
                        starter.pauses().recover(container);
                    }
                }
                case Recovery.Ended ended -> over(container, stored, Starter.outcome(count, ended.exit()));
                case Recovery.Absent() -> absent(container, stored);
            }
            return container;
        } catch (RuntimeException e) {
            LOG.error("cannot find container {} again", spec.id(), e);
            String why = e instanceof Failure failure ? failure.text() : e.toString();
            return broken(
                    spec.id(), spec, stored.starts(), "it could not be found again and may still run: " + why, feed);
        }
    }

    /** A container whose network cannot be taken up runs on: that is no reason to end it. */
    private List<PublishedPort> resumed(ContainerSpec spec, Running running) {
        try {
            return assembly.resume(spec, running.pid());
        } catch (RuntimeException e) {
            LOG.error(
                    "container {} runs on, and its network cannot be taken up: its ports are not published",
                    spec.id(),
                    e);
            return List.of();
        }
    }

    /** Whether this outcome is that of the latest start, or of one that failed after it. */
    private static boolean finishes(Outcome outcome, long count) {
        return outcome.start() > count || (outcome.start() == count && outcome.ran());
    }

    private void over(Container container, StoredContainer stored, Outcome outcome) {
        container.created(stored.spec(), stored.starts().count(), outcome);
        starter.settle(container, outcome);
    }

    private void absent(Container container, StoredContainer stored) {
        long count = stored.starts().count();
        if (stored.starts().bootId().equals(bootId)) {
            // The agent died between writing the start down and making it: it was not made.
            store.starts(
                    stored.spec().id(),
                    new Starts(count - 1, bootId, stored.starts().commanded()));
            container.created(stored.spec(), count - 1, stored.outcome());
            starter.release(container);
        } else {
            over(container, stored, lost(count, "the node was restarted while the container ran", stored.outcome()));
        }
    }

    private Container broken(
            ContainerId id, @Nullable ContainerSpec spec, Starts starts, String why, ChangesFeed feed) {
        LOG.error("container {} is left as it is: {}", id, why);
        Container container = new Container(id, feed);
        container.broken(spec, lost(starts.count(), why, null));
        return container;
    }

    private static Outcome lost(long count, String why, @Nullable Outcome earlier) {
        Instant startedAt = earlier == null ? null : earlier.startedAt();
        return new Outcome(count, true, UNKNOWN, false, startedAt, Instant.now(), why);
    }

    private void cleanUp(ContainerId id) {
        try {
            assembly.remove(id);
            store.forget(id);
        } catch (RuntimeException e) {
            LOG.warn("cannot clean up after container {}; the next start of the agent tries again", id, e);
        }
    }
}
