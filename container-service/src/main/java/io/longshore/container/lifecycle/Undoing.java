package io.longshore.container.lifecycle;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** Finishes or undoes what a crash has left half done. */
@Component
public class Undoing {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Rows in one pass; the next one goes on. */
    private static final int BATCH = 100;

    private final ContainerStore store;
    private final Creation creation;
    private final Removal removal;
    private final Updating updating;

    Undoing(ContainerStore store, Creation creation, Removal removal, Updating updating) {
        this.store = store;
        this.creation = creation;
        this.removal = removal;
        this.updating = updating;
    }

    /** The rows of a node that were left so before the given time. */
    public List<ContainerRow> leftBefore(NodeId node, Instant before) {
        return store.unfinished(node, before, BATCH);
    }

    /** Undoes a half-made container, finishes the removal of any other; false when somebody is about it. */
    public boolean settle(ContainerRow row) {
        if (row.state() == ContainerState.CREATING) {
            creation.undo(Agents.own(row.project(), LIMIT), row);
            return true;
        }
        return removal.finish(Agents.own(row.project(), LIMIT), row);
    }

    /** The rows of a node whose update was begun before the given time and is not done. */
    public List<ContainerRow> halfUpdated(NodeId node, Instant before) {
        return store.halfUpdated(node, before, BATCH);
    }

    /** Has the node undo such an update; false when somebody is about it. */
    public boolean undoUpdate(ContainerRow row) {
        return updating.undo(Agents.own(row.project(), LIMIT), row.id());
    }
}
