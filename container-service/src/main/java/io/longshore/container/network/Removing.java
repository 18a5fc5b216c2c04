package io.longshore.container.network;

import io.longshore.container.lifecycle.Addressing;
import io.longshore.container.lifecycle.ContainerLocks;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkDescription;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import io.longshore.platform.engine.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Removes networks. As in Docker only a container that runs is in the way; one that does not keeps the name of the network, and cannot start
 * while there is none of that name.
 */
@Component
class Removing {
    private static final Logger LOG = LoggerFactory.getLogger(Removing.class);
    private static final Set<String> KEYS = Set.of("until", "label", "label!");
    private static final int MOST_OWNERS = 1_000;

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final Addressing addressing;
    private final NetworkApi networks;

    Removing(ContainerStore store, ContainerLocks locks, Addressing addressing, NetworkApi networks) {
        this.store = store;
        this.locks = locks;
        this.addressing = addressing;
        this.networks = networks;
    }

    /** {@code DELETE /networks/{id}}. */
    void remove(Caller caller, String reference) {
        remove(caller, networks.find(caller, reference));
    }

    private void remove(Caller caller, NetworkDescription network) {
        NetworkSpec spec = network.spec();
        if (network.predefined()) {
            throw new Failure.Forbidden(spec.name() + " is a pre-defined network and cannot be removed");
        }
        List<Owner> owners = networks.owners(caller, spec.id(), null, null);
        if (owners.size() >= MOST_OWNERS) {
            throw inUse(spec);
        }
        List<ContainerLocks.Held> held = new ArrayList<>();
        try {
            // In one order, so that two that hold several never wait for each other.
            owners.stream()
                    .map(Owner::container)
                    .distinct()
                    .sorted(Comparator.comparing(ContainerId::value))
                    .forEach(id -> held.add(locks.lock(caller, id)));
            List<ContainerRow> rows = new ArrayList<>();
            for (Owner owner : owners) {
                ContainerRow row = store.byId(owner.container()).orElse(null);
                if (row != null && row.spec() != null) {
                    if (row.state().alive()) {
                        throw inUse(spec);
                    }
                    rows.add(row);
                }
            }
            rows.forEach(row -> forget(caller, row, spec));
            networks.remove(caller, spec.id(), owners);
        } catch (Failure.Conflict e) {
            throw new Failure.Forbidden(e.text(), e);
        } finally {
            held.forEach(ContainerLocks.Held::close);
        }
    }

    private static Failure inUse(NetworkSpec network) {
        return new Failure.Forbidden("error while removing network: network " + network.name() + " id " + network.id()
                + " has active endpoints");
    }

    /** Its endpoint is one on a network that there is not: so it cannot start. */
    private void forget(Caller caller, ContainerRow row, NetworkSpec network) {
        ContainerSpec.Network own = row.resolved().network();
        List<EndpointSpec> endpoints = own.endpoints().stream()
                .map(one -> one.network().id().equals(network.id())
                        ? EndpointSpec.plain("", NetworkSpec.plain("", network.name(), "null"))
                        : one)
                .toList();
        addressing.rewrite(caller, row, endpoints);
    }

    /** {@code POST /networks/prune}: the names of those that are gone. */
    List<String> prune(Caller caller, @Nullable String filterText) {
        Filters filters = Filters.parse(filterText, KEYS);
        List<String> until = filters.of("until");
        if (until.size() > 1) {
            throw new Failure.Invalid("invalid filter 'until': more than one timestamp: " + until);
        }
        Instant before = until.isEmpty() ? Instant.MAX : Timestamps.parse("until", until.getFirst(), Instant.now());
        List<String> removed = new ArrayList<>();
        for (NetworkDescription network : networks.all(caller)) {
            boolean wanted = !network.predefined()
                    && network.created().isBefore(before)
                    && LabelFilter.hasAll(network.labels(), filters.of("label"))
                    && LabelFilter.hasNone(network.labels(), filters.of("label!"));
            if (wanted && Instant.now().isBefore(caller.deadline()) && removed(caller, network)) {
                removed.add(network.spec().name());
            }
        }
        return removed;
    }

    private boolean removed(Caller caller, NetworkDescription network) {
        try {
            remove(caller, network);
            return true;
        } catch (Failure e) {
            LOG.info("prune passes over network {}: {}", network.spec().name(), e.text());
            return false;
        }
    }
}
