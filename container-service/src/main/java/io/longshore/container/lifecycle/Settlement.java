package io.longshore.container.lifecycle;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts rows right by what agents report, when nobody waits for it. Thread-safe. */
@Component
public class Settlement {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** As when the supervisor was lost: 128 and SIGKILL. */
    private static final int LOST = 137;

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final Commands commands;
    private final Recorder recorder;
    private final Removal removal;
    private final Places places;

    Settlement(
            ContainerStore store,
            ContainerLocks locks,
            Commands commands,
            Recorder recorder,
            Removal removal,
            Places places) {
        this.places = places;
        this.store = store;
        this.locks = locks;
        this.commands = commands;
        this.recorder = recorder;
        this.removal = removal;
    }

    /**
     * Commits what a node's agent reports; false when there is no such container, or none of that generation: the database was restored from
     * before it moved there. A removal that was not finished here is; what its node still
     * has of a container that has moved to another one is removed there.
     */
    public boolean settle(NodeId node, Observed seen) {
        try (var _ = locks.lock(Agents.own(LIMIT), seen.id())) {
            ContainerRow row = row(seen);
            if (row == null || seen.generation() > row.generation()) {
                return false;
            }
            if (seen.generation() < row.generation() && !row.node().equals(node)) {
                if (seen.status() != Status.REMOVED) {
                    commands.remove(Agents.own(row.project(), LIMIT), node, row.id(), true);
                }
                return true;
            }
            ContainerRow now = record(row, seen);
            boolean gone = seen.status() == Status.REMOVED && seen.generation() == row.generation();
            if (gone && now != null && !now.state().alive() && now.state().visible()) {
                removal.remove(Agents.own(now.project(), LIMIT), now, now.removeVolumes() || now.autoRemove());
            }
            return now != null;
        }
    }

    private @Nullable ContainerRow row(Observed seen) {
        ContainerRow row = seen.status() == Status.REMOVED ? null : store.lately(seen.id());
        return row == null ? store.byId(seen.id()).orElse(null) : row;
    }

    private @Nullable ContainerRow record(ContainerRow row, Observed seen) {
        return places.within(() -> recorder.record(row, seen));
    }

    /** A lost container stays to be seen: what was observed of it is not the agent's, whose revisions begin with 1. */
    private void finishRemoval(ContainerRow row) {
        Observed observed = row.observed();
        if (observed != null && observed.revision() > 0) {
            removal.remove(Agents.own(row.project(), LIMIT), row, row.removeVolumes() || row.autoRemove());
        }
    }

    /**
     * For a row that its agent's whole list lacks: asks once more. One that runs is recorded as lost. One that has ended was being removed
     * when both sides crashed, and the removal is finished: an agent forgets nothing else, and one whose work directory is lost has another
     * node id.
     */
    public void settleMissing(ContainerRow row) {
        Caller own = Agents.own(row.project(), LIMIT);
        try (var _ = locks.lock(own, row.id())) {
            try {
                record(row, commands.observe(own, row));
            } catch (Failure.NotFound e) {
                ContainerRow now = store.byId(row.id()).orElse(row);
                if (now.state() == ContainerState.EXITED) {
                    finishRemoval(now);
                    return;
                }
                Observed lost = new Observed(
                        row.id(),
                        row.generation(),
                        0,
                        Status.EXITED,
                        row.starts(),
                        0,
                        0,
                        row.startedAt(),
                        Instant.now(),
                        LOST,
                        false,
                        "node " + row.node() + " no longer knows this container",
                        null);
                record(row, lost);
            }
        }
    }
}
