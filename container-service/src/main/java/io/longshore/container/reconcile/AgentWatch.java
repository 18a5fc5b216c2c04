package io.longshore.container.reconcile;

import io.longshore.container.lifecycle.Settlement;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one agent's changes for as long as this replica holds the node's lease. It begins with the whole list, so whatever was missed
 * while nobody looked is made up for. A removed container is settled before the next question, which is its receipt.
 */
final class AgentWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentWatch.class);
    private static final int WAIT_MILLIS = 20_000;
    private static final Duration CALL = Duration.ofSeconds(40);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    /** Rows being put right at the same time: more would only queue for database connections. */
    private static final int AT_ONCE = 64;

    private final NodeId node;
    private final Agents agents;
    private final ContainerStore store;
    private final Settlement settlement;
    private final Quarantine quarantine;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final AtomicBoolean askForAll = new AtomicBoolean();
    private volatile boolean stopped;
    private @Nullable String instance;
    private @Nullable Long since;
    private boolean away;

    AgentWatch(NodeId node, Agents agents, ContainerStore store, Settlement settlement, Quarantine quarantine) {
        this.node = node;
        this.agents = agents;
        this.store = store;
        this.settlement = settlement;
        this.quarantine = quarantine;
    }

    /** Ends it; the thread should be interrupted, too. */
    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                look();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                if (!stopped) {
                    problem(e);
                }
            }
        }
    }

    private void look() throws InterruptedException {
        if (askForAll.getAndSet(false)) {
            // Whatever failed is likely to fail again at once.
            Thread.sleep(PAUSE_AFTER_FAILURE);
            instance = null;
            since = null;
        }
        Changes changes = agents.api(node).changes(Agents.own(CALL), instance, since, WAIT_MILLIS);
        if (away) {
            away = false;
            LOG.info("agent of node {} answers again", node);
        }
        settleAll(changes.containers());
        if (changes.complete()) {
            settleMissing(changes.containers());
        }
        instance = changes.instance();
        since = changes.revision();
    }

    private void settleAll(List<Observed> containers) throws InterruptedException {
        List<Thread> removed = new ArrayList<>();
        for (Observed seen : containers) {
            places.acquire();
            Thread thread =
                    Thread.ofVirtual().name("settle-" + seen.id().shortForm()).start(() -> settle(seen));
            if (seen.status() == Observed.Status.REMOVED) {
                removed.add(thread);
            }
        }
        for (Thread thread : removed) {
            thread.join();
        }
    }

    private void settle(Observed seen) {
        try {
            if (!settlement.settle(seen)) {
                quarantine.hold(node, seen);
            }
        } catch (RuntimeException e) {
            LOG.warn("state of container {} is taken up again later: {}", seen.id(), e.toString());
            askForAll.set(true);
        } finally {
            places.release();
        }
    }

    private void settleMissing(List<Observed> all) {
        Set<ContainerId> known = all.stream().map(Observed::id).collect(Collectors.toSet());
        String after = "";
        List<ContainerRow> page;
        do {
            page = store.onNode(node, EnumSet.of(ContainerState.RUNNING, ContainerState.EXITED), after, AT_ONCE);
            for (ContainerRow row : page) {
                after = row.id().value();
                if (!known.contains(row.id())) {
                    settleMissing(row);
                }
            }
        } while (page.size() == AT_ONCE);
    }

    /** One that cannot be settled keeps no other from being. */
    private void settleMissing(ContainerRow row) {
        try {
            settlement.settleMissing(row);
        } catch (RuntimeException e) {
            LOG.warn("container {}, which its node lacks, is taken up again later: {}", row.id(), e.toString());
            askForAll.set(true);
        }
    }

    private void problem(RuntimeException e) {
        askForAll.set(true);
        if (!away) {
            away = true;
            if (e instanceof Failure failure) {
                LOG.warn("cannot follow node {}, and go on trying: {}", node, failure.text());
            } else {
                LOG.warn("cannot follow node {}, and go on trying", node, e);
            }
        }
    }
}
