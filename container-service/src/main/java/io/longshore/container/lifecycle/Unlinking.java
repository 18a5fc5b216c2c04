package io.longshore.container.lifecycle;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.error.Failure;
import java.util.List;
import org.springframework.stereotype.Component;

/** {@code DELETE /containers/{owner}/{alias}?link=1}: the containers stay, and one is no longer told of the other. */
@Component
class Unlinking {
    private final ContainerStore store;
    private final LockedRows rows;
    private final Addressing addressing;
    private final Changes changes;

    Unlinking(ContainerStore store, LockedRows rows, Addressing addressing, Changes changes) {
        this.changes = changes;
        this.store = store;
        this.rows = rows;
        this.addressing = addressing;
    }

    void unlink(Caller caller, String owner, String alias) {
        try (var locked = rows.find(caller, owner)) {
            ContainerRow row = locked.row();
            List<LinkSpec> links = row.resolved().network().links();
            List<LinkSpec> others =
                    links.stream().filter(link -> !link.alias().equals(alias)).toList();
            if (others.size() == links.size()) {
                throw new Failure.NotFound("No such container: " + owner + "/" + alias);
            }
            if (!row.state().canUpdate()) {
                throw new Failure.Conflict("container " + row.name() + " is marked for removal and keeps its links");
            }
            ContainerSpec spec = row.resolved().network(row.resolved().network().links(others));
            // From here on somebody sees to it that node and row agree.
            changes.begin(caller, row);
            addressing.tell(caller, row, spec);
            changes.end(row, now -> store.reconnect(now.configured(now.request(), spec), List.of(), List.of()));
        }
    }
}
