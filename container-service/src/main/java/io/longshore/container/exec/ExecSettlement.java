package io.longshore.container.exec;

import io.longshore.container.lifecycle.Places;
import io.longshore.container.placement.Agents;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Puts the rows of sessions right by what agents report, when nobody waits for it. Thread-safe. */
@Component
public class ExecSettlement {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** As when a supervisor was lost: 128 and SIGKILL. */
    private static final int LOST = 137;

    private final ExecStore store;
    private final Agents agents;
    private final Places places;

    ExecSettlement(ExecStore store, Agents agents, Places places) {
        this.places = places;
        this.store = store;
        this.agents = agents;
    }

    /** Commits what an agent reports. */
    public void settle(ObservedSession seen) {
        places.within(() -> store.record(seen));
    }

    /** The sessions that run by their rows and that the agent's whole list lacks. */
    public List<ExecId> missing(NodeId node, List<ObservedSession> all) {
        Set<ExecId> known = all.stream().map(ObservedSession::id).collect(Collectors.toSet());
        return store.running(node).stream().filter(id -> !known.contains(id)).toList();
    }

    /** For one of these: asks once more, since it may have begun meanwhile, and records it as lost. */
    public void settleMissing(NodeId node, ExecId id) {
        try {
            store.record(agents.api(node).observeSession(Agents.own(LIMIT), id, 0));
        } catch (Failure.NotFound e) {
            Instant now = Instant.now();
            store.recordLost(id, LOST, now);
        }
    }

    /** Forgets what nobody will ask for any more. */
    public void sweep() {
        store.sweep();
    }
}
