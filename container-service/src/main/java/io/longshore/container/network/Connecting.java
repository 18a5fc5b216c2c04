package io.longshore.container.network;

import io.longshore.container.lifecycle.Addressing;
import io.longshore.container.lifecycle.Changes;
import io.longshore.container.lifecycle.LockedRows;
import io.longshore.container.request.EndpointWishes;
import io.longshore.container.request.EndpointWishes.Wish;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.NetworkingConfig.EndpointConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.NetworkApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Connects containers to networks and disconnects them, whether they run or not: first on the node, then in the row, as one of the container's
 * {@link Changes}.
 */
@Component
class Connecting {
    private final ContainerStore store;
    private final LockedRows rows;
    private final Addressing addressing;
    private final NetworkApi networks;
    private final Changes changes;

    Connecting(ContainerStore store, LockedRows rows, Addressing addressing, NetworkApi networks, Changes changes) {
        this.changes = changes;
        this.store = store;
        this.rows = rows;
        this.addressing = addressing;
        this.networks = networks;
    }

    /** {@code POST /networks/{id}/connect}. */
    void connect(Caller caller, String reference, String container, EndpointConfig config) {
        NetworkSpec network = networks.find(caller, reference).spec();
        EndpointWishes.check(network.name(), config);
        try (var locked = rows.find(caller, container)) {
            ContainerRow row = locked.row();
            checkMayConnect(row, network);
            changes.begin(caller, row);
            try {
                ClaimedEndpoint claimed = addressing.claim(caller, row, new Wish(network.id(), config));
                List<EndpointSpec> endpoints =
                        new ArrayList<>(row.resolved().network().endpoints());
                endpoints.removeIf(one -> isOn(one, network));
                endpoints.add(EndpointWishes.endpoint(row.id(), row.name(), row.config(), config, claimed));
                Map<String, EndpointConfig> wishes = wishes(row);
                wishes.put(network.name(), config);
                change(
                        caller,
                        row,
                        endpoints,
                        wishes,
                        (alive, changed) -> store.reconnect(changed, List.of(), alive ? List.of(network) : List.of()));
            } catch (RuntimeException e) {
                try {
                    undo(caller, row.id(), network);
                } catch (RuntimeException left) {
                    e.addSuppressed(left);
                }
                throw e;
            }
        }
    }

    /**
     * Gives back what was claimed, once its node has heard that it is not to have it; until then nobody else may. What the row says it has (it
     * may have had it before, or the change was made after all) it keeps.
     */
    private void undo(Caller caller, ContainerId id, NetworkSpec network) {
        ContainerRow row = store.byId(id).orElse(null);
        if (row == null || row.resolved().network().endpoints().stream().anyMatch(one -> isOn(one, network))) {
            return;
        }
        addressing.tell(caller, row, row.resolved());
        networks.leave(caller, network.id(), row.owner());
        store.updated(id);
    }

    private static void checkMayConnect(ContainerRow row, NetworkSpec network) {
        ContainerSpec.Network own = row.resolved().network();
        if (!row.state().canUpdate()) {
            throw new Failure.Conflict("Container " + row.id() + " is marked for removal and cannot be connected to or"
                    + " disconnected from the network");
        }
        if (own.joined() != null || own.isHost()) {
            throw new Failure.Invalid("container sharing network namespace with another container or host cannot be"
                    + " connected to any other network");
        }
        if (network.driver().equals("host")) {
            throw new Failure.Invalid(
                    "container cannot be disconnected from host network or connected to host network");
        }
        boolean none =
                own.endpoints().stream().anyMatch(one -> one.network().driver().equals("null"));
        if (none || network.driver().equals("null")) {
            throw new Failure.Invalid("container cannot be connected to multiple networks with one of the networks in"
                    + " private (none) mode");
        }
        if (row.state().alive() && own.endpoints().stream().anyMatch(one -> isOn(one, network))) {
            throw new Failure.Forbidden(
                    "endpoint with name " + row.name() + " already exists in network " + network.name());
        }
    }

    /** {@code POST /networks/{id}/disconnect}. */
    void disconnect(Caller caller, String reference, String container) {
        NetworkSpec network = networks.find(caller, reference).spec();
        try (var locked = rows.find(caller, container)) {
            ContainerRow row = locked.row();
            ContainerSpec.Network own = row.resolved().network();
            if (own.isHost()) {
                throw new Failure.Invalid(
                        "container cannot be disconnected from host network or connected to host network");
            }
            if (own.endpoints().stream().noneMatch(one -> isOn(one, network))) {
                throw new Failure.Forbidden("container " + row.id() + " is not connected to network " + network.name());
            }
            List<EndpointSpec> endpoints =
                    own.endpoints().stream().filter(one -> !isOn(one, network)).toList();
            Map<String, EndpointConfig> wishes = wishes(row);
            wishes.remove(network.name());
            changes.begin(caller, row);
            change(
                    caller,
                    row,
                    endpoints,
                    wishes,
                    (alive, changed) -> store.disconnect(changed, alive ? List.of(network) : List.of()));
            networks.leave(caller, network.id(), row.owner());
            store.updated(row.id());
        }
    }

    private static Map<String, EndpointConfig> wishes(ContainerRow row) {
        return EndpointWishes.byName(row.request(), row.resolved().network());
    }

    private static boolean isOn(EndpointSpec endpoint, NetworkSpec network) {
        return endpoint.network().id().equals(network.id());
    }

    /** Writes a row, in the version given; false when somebody else has changed it. */
    private interface Writing {
        boolean write(boolean alive, ContainerRow changed);
    }

    /** With the container's lock held. */
    private void change(
            Caller caller,
            ContainerRow first,
            List<EndpointSpec> endpoints,
            Map<String, EndpointConfig> wishes,
            Writing writing) {
        ContainerSpec spec = first.resolved().network(first.resolved().network().endpoints(endpoints));
        addressing.tell(caller, first, spec);
        changes.end(first, row -> {
            CreateRequest request = EndpointWishes.with(row.request(), wishes);
            return writing.write(row.state().alive(), row.configured(request, spec));
        });
    }
}
