package io.longshore.container.reconcile;

import io.longshore.container.exec.ExecSettlement;
import io.longshore.container.lifecycle.Settlement;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one agent's changes for as long as this replica holds the node's lease. It begins with the whole list, so whatever was missed
 * while nobody looked is made up for. Nothing is waited for here: a removed container whose receipt is on its way, and whose row a crash
 * then leaves, is one that the next whole list lacks.
 */
final class AgentWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentWatch.class);
    private static final int WAIT_MILLIS = 10_000;
    /**
     * Where packets get lost nobody is told so, and what is sent again comes later and later: a question that was under way is given up soon, so
     * that what a node has to say is known within seconds of its return.
     */
    private static final Duration CALL = Duration.ofSeconds(15);

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    private static final int PAGE = 100;
    /** For the commits of all sessions of one answer; longer ones are left to themselves. */
    private static final Duration SESSIONS = Duration.ofSeconds(10);
    /** What an agent's whole list must have. */
    private static final Set<ContainerState> ON_NODE =
            EnumSet.of(ContainerState.RUNNING, ContainerState.PAUSED, ContainerState.RESTARTING, ContainerState.EXITED);

    private final NodeId node;
    private final Agents agents;
    private final ContainerStore store;
    private final Settlement settlement;
    private final Quarantine quarantine;
    private final ExecSettlement sessions;
    private final Backlog backlog = new Backlog();
    private volatile boolean stopped;
    private @Nullable String instance;
    private @Nullable Long since;
    private boolean away;

    AgentWatch(
            NodeId node,
            Agents agents,
            ContainerStore store,
            Settlement settlement,
            Quarantine quarantine,
            ExecSettlement sessions) {
        this.node = node;
        this.agents = agents;
        this.store = store;
        this.settlement = settlement;
        this.quarantine = quarantine;
        this.sessions = sessions;
    }

    /** Ends it; the thread should be interrupted, too. */
    void stop() {
        stopped = true;
        backlog.close();
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                look();
            } catch (RuntimeException e) {
                if (stopped || !pausedAfter(e)) {
                    return;
                }
            }
        }
    }

    private void look() {
        Changes changes = agents.api(node).changes(Agents.own(CALL), instance, since, WAIT_MILLIS);
        if (away) {
            away = false;
            LOG.info("agent of node {} answers again", node);
        }
        changes.containers().forEach(seen -> backlog.add(seen.id(), () -> settle(seen)));
        settleSessions(changes.sessions());
        if (changes.complete()) {
            settleMissing(changes.containers());
            sessions.missing(node, changes.sessions())
                    .forEach(id -> backlog.add(id, () -> sessions.settleMissing(node, id)));
        }
        instance = changes.instance();
        since = changes.revision();
    }

    /**
     * The next question tells the agent that these have been seen, which forgets those that have ended: so they are committed first. What
     * cannot be committed now is asked again of the agent then, and of the row that nobody has ended.
     */
    private void settleSessions(List<ObservedSession> changed) {
        List<Thread> settling = changed.stream()
                .map(seen -> Thread.ofVirtual().name("settle-" + seen.id()).start(() -> settle(seen)))
                .toList();
        Instant until = Instant.now().plus(SESSIONS);
        try {
            for (Thread one : settling) {
                one.join(Duration.between(Instant.now(), until));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void settle(ObservedSession seen) {
        try {
            sessions.settle(seen);
        } catch (RuntimeException e) {
            LOG.warn("state of exec session {} is taken up again: {}", seen.id(), e.toString());
            backlog.add(seen.id(), () -> sessions.settle(seen));
        }
    }

    private void settle(Observed seen) {
        if (!settlement.settle(node, seen)) {
            quarantine.hold(node, seen);
        }
    }

    private void settleMissing(List<Observed> all) {
        Set<ContainerId> known = all.stream().map(Observed::id).collect(Collectors.toSet());
        String after = "";
        List<ContainerRow> page;
        do {
            page = store.onNode(node, ON_NODE, after, PAGE);
            for (ContainerRow row : page) {
                after = row.id().value();
                if (!known.contains(row.id())) {
                    backlog.add(row.id(), () -> settlement.settleMissing(row));
                }
            }
        } while (page.size() == PAGE);
    }

    /** What is lost with an answer comes again: the next question is asked from the same revision. */
    private boolean pausedAfter(RuntimeException e) {
        problem(e);
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void problem(RuntimeException e) {
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
