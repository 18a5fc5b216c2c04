package io.longshore.container.lifecycle;

import io.longshore.container.placement.Nodes;
import io.longshore.container.request.RestartOptions;
import io.longshore.container.request.SpecBuilder;
import io.longshore.container.request.UpdateBody;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.container.state.Step;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * {@code POST /containers/{id}/update}: first on the node, which may refuse a limit, then in the row. What becomes of an update is known when
 * the row has it; until then the row says that there is one, so that whatever cuts it off, the node is told again what the row says.
 */
@Component
class Updating {
    private final ContainerStore store;
    private final LockedRows rows;
    private final ContainerLocks locks;
    private final Changes pending;
    private final Nodes nodes;

    Updating(ContainerStore store, LockedRows rows, ContainerLocks locks, Changes pending, Nodes nodes) {
        this.locks = locks;
        this.store = store;
        this.rows = rows;
        this.pending = pending;
        this.nodes = nodes;
    }

    /** What of the changes the node cannot keep, and are not made. */
    List<String> update(Caller caller, String reference, HostConfig changes) {
        try (var locked = rows.find(caller, reference)) {
            ContainerRow row = locked.row();
            if (!row.state().canUpdate()) {
                throw new Failure.Conflict(
                        "Container " + row.id() + " is marked for removal and cannot be \"update\".");
            }
            UpdateBody.Applied applied = UpdateBody.applied(
                    row.hostConfig(), changes, nodes.node(caller, row.node()).info());
            HostConfig host = applied.host();
            ContainerSpec spec =
                    row.resolved().updated(SpecBuilder.resources(host), RestartOptions.parse(host.restartPolicy()));
            pending.begin(caller, row);
            pending.tell(caller, row, spec);
            write(row, host, spec, List.of(EventDraft.of(row, "update")));
            return applied.warnings();
        }
    }

    /** Takes an update back that did not reach the row; false when somebody is about the container. */
    boolean undo(Caller caller, ContainerId id) {
        try (var lock = locks.tryLock(id)) {
            ContainerRow row = lock == null ? null : store.byId(id).orElse(null);
            if (row != null && row.state().canUpdate()) {
                pending.restore(caller, row);
                write(row, row.hostConfig(), row.resolved(), List.of());
            }
            return row != null;
        }
    }

    private void write(ContainerRow first, HostConfig host, ContainerSpec spec, List<EventDraft> events) {
        pending.end(first, row -> {
            var request = new CreateRequest(row.config(), host, row.request().networkingConfig());
            return store.reconfigure(new Step(row.configured(request, spec), events));
        });
    }
}
