package io.longshore.container.lifecycle;

import io.longshore.container.name.ContainerName;
import io.longshore.container.request.EndpointWishes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.container.state.Step;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** {@code POST /containers/{id}/rename}. */
@Component
class Renaming {
    private final ContainerStore store;
    private final LockedRows rows;
    private final Addressing addressing;
    private final Changes changes;

    Renaming(ContainerStore store, LockedRows rows, Addressing addressing, Changes changes) {
        this.changes = changes;
        this.store = store;
        this.rows = rows;
        this.addressing = addressing;
    }

    void rename(Caller caller, String reference, String newName) {
        if (newName.isEmpty()) {
            throw new Failure.Invalid("Neither old nor new names may be empty");
        }
        String name = ContainerName.parse(newName).value();
        while (true) {
            ContainerRow row = store.find(caller.project(), reference);
            if (row.name().equals(name)) {
                throw new Failure.Invalid("Renaming a container with the same name as its current name: " + name);
            }
            ContainerRow renamed = row.named(name);
            EventDraft event = EventDraft.of(renamed, "rename", Map.of("oldName", "/" + row.name()));
            try {
                if (store.replace(new Step(renamed, List.of(event)))) {
                    renameOnNetworks(caller, renamed.id());
                    return;
                }
            } catch (Failure.Conflict e) {
                throw new Failure.Conflict("Error when allocating new name: " + e.text(), e);
            }
        }
    }

    /** Others find it by its new name from now on. */
    private void renameOnNetworks(Caller caller, ContainerId id) {
        try (var locked = rows.find(caller, id.value())) {
            ContainerRow row = locked.row();
            ContainerSpec.Network network = row.resolved().network();
            List<EndpointSpec> endpoints = network.endpoints().stream()
                    .map(endpoint -> endpoint.names().isEmpty()
                            ? endpoint
                            : endpoint.names(EndpointWishes.names(
                                    row.id(), row.name(), row.config(), EndpointWishes.wish(row.request(), endpoint))))
                    .toList();
            if (!endpoints.equals(network.endpoints()) && row.state().canUpdate()) {
                ContainerSpec spec = row.resolved().network(network.endpoints(endpoints));
                // From here on somebody sees to it that node and row agree.
                changes.begin(caller, row);
                addressing.tell(caller, row, spec);
                changes.end(row, now -> store.reconnect(now.configured(now.request(), spec), List.of(), List.of()));
            }
        }
    }
}
