package io.longshore.container.lifecycle;

import io.longshore.container.request.EndpointWishes;
import io.longshore.container.request.EndpointWishes.Wish;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Sees to it that a container which is to run has its addresses. It got them at its create, and keeps them while it does not run; but Docker's
 * clients take it for granted that only those that run have addresses. So another that needs one takes it from one that does not run, which
 * gets another at its next start.
 */
@Component
public class Addressing {
    /**
     * One whose stop has been answered may have its end settled for another moment. No longer, since two that want each other's address wait
     * for each other.
     */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    /** Others of which one may have what is needed; they are asked one after the other. */
    private static final int MOST_HOLDERS = 1_000;

    private static final int MOST_ATTEMPTS = 10;

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final Commands commands;
    private final NetworkApi networks;
    private final Changes changes;

    Addressing(ContainerStore store, ContainerLocks locks, Commands commands, NetworkApi networks, Changes changes) {
        this.changes = changes;
        this.store = store;
        this.locks = locks;
        this.commands = commands;
        this.networks = networks;
    }

    /**
     * The row with all addresses, which are in the database then; the row itself if it has them. With the container's lock held. A failure says
     * why there is none, in Docker's words.
     */
    ContainerRow addressed(Caller caller, ContainerRow row) {
        ContainerSpec.Network network = row.resolved().network();
        if (network.endpoints().stream().noneMatch(Addressing::lacks)) {
            return row;
        }
        changes.begin(caller, row);
        List<EndpointSpec> endpoints = new ArrayList<>();
        for (EndpointSpec endpoint : network.endpoints()) {
            endpoints.add(lacks(endpoint) ? endpoint(caller, row, endpoint) : endpoint);
        }
        return rewritten(caller, row, endpoints);
    }

    /**
     * Writes another network part into the row of a container that does not run, with its lock held: what is still said of its end may come
     * between. The row as it is then.
     */
    private ContainerRow written(ContainerRow first, ContainerSpec.Network network) {
        ContainerRow row = first;
        for (int attempt = 0; attempt < MOST_ATTEMPTS && row.state().canStart(); attempt++) {
            ContainerRow changed = row.configured(row.request(), row.resolved().network(network));
            if (store.reconnect(changed, List.of(), List.of())) {
                return changed.at(row.version() + 1);
            }
            row = changes.now(first);
        }
        throw new Failure.Unavailable("container " + first.id() + " changes too often just now: try again");
    }

    /** The container, which does not run, is to have these endpoints from now on: its node and its row. With its lock held. */
    public void rewrite(Caller caller, ContainerRow row, List<EndpointSpec> endpoints) {
        changes.begin(caller, row);
        rewritten(caller, row, endpoints);
    }

    private ContainerRow rewritten(Caller caller, ContainerRow row, List<EndpointSpec> endpoints) {
        ContainerSpec.Network network = row.resolved().network().endpoints(endpoints);
        tell(caller, row, row.resolved().network(network));
        return written(row, network);
    }

    private static boolean lacks(EndpointSpec endpoint) {
        return endpoint.network().id().isEmpty()
                || endpoint.addresses().size() < endpoint.network().subnets().size();
    }

    private EndpointSpec endpoint(Caller caller, ContainerRow row, EndpointSpec endpoint) {
        Wish wish = new Wish(endpoint.network().name(), EndpointWishes.wish(row.request(), endpoint));
        return EndpointWishes.endpoint(row.id(), row.name(), row.config(), wish.config(), claim(caller, row, wish));
    }

    /** An endpoint with addresses; a failure says why there is none. */
    public ClaimedEndpoint claim(Caller caller, ContainerRow row, Wish wish) {
        NetworkClaim claim = new NetworkClaim(row.owner(), row.node(), List.of(wish.wanted()));
        ClaimedEndpoint claimed = networks.claim(caller, claim).getFirst();
        if (!claimed.problem().isEmpty() && !claimed.id().isEmpty() && freed(caller, row.owner(), claimed, wish)) {
            claimed = networks.claim(caller, claim).getFirst();
        }
        if (claimed.id().isEmpty()) {
            throw new Failure.NotFound(claimed.problem());
        }
        if (!claimed.problem().isEmpty()) {
            throw new Failure.Forbidden(claimed.problem());
        }
        return claimed;
    }

    /** Whether one that does not run gave up what is needed. */
    private boolean freed(Caller caller, Owner own, ClaimedEndpoint wanted, Wish wish) {
        String network = wanted.network().id();
        List<String> addresses = new ArrayList<>();
        NetworkClaim.Wanted asked = wish.wanted();
        if (!asked.ipv4().isEmpty()) {
            addresses.add(asked.ipv4());
        }
        if (!asked.ipv6().isEmpty()) {
            addresses.add(asked.ipv6());
        }
        if (addresses.isEmpty()) {
            return anyFreed(caller, network, own);
        }
        boolean freed = false;
        for (String address : addresses) {
            for (Owner owner : networks.owners(caller, network, address, null)) {
                freed |= !owner.equals(own) && freed(caller, network, owner, SETTLING) == Given.UP;
            }
        }
        return freed;
    }

    /** Whether one of all that are on the network; those that somebody is about are asked last, and together no longer than one. */
    private boolean anyFreed(Caller caller, String network, Owner own) {
        List<Owner> busy = new ArrayList<>();
        for (Owner owner : networks.owners(caller, network, null, null).stream()
                .limit(MOST_HOLDERS)
                .filter(other -> !other.equals(own))
                .toList()) {
            switch (freed(caller, network, owner, Duration.ZERO)) {
                case UP -> {
                    return true;
                }
                case BUSY -> busy.add(owner);
                case NOT -> {
                    // It runs, or has none.
                }
            }
        }
        long end = System.nanoTime() + SETTLING.toNanos();
        return busy.stream().anyMatch(owner -> {
            Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            return freed(caller, network, owner, left) == Given.UP;
        });
    }

    /** What became of an address that another has. */
    private enum Given {
        UP,
        NOT,
        /** Somebody is about its container. */
        BUSY
    }

    /**
     * Its row first: what it no longer knows of, it never uses. One without a whole row is being created, and will write down the address that
     * it has claimed; if its create is dead, the sweep of claims comes by.
     */
    private Given freed(Caller caller, String network, Owner owner, Duration patience) {
        try (var lock = locks.tryLock(owner.container(), patience)) {
            if (lock == null) {
                return Given.BUSY;
            }
            ContainerRow row = known(owner.container());
            if (row == null || !row.state().canStart() || !hasAddress(row, network)) {
                return Given.NOT;
            }
            forget(caller, row, network);
            networks.giveBack(caller, network, List.of(owner));
            return Given.UP;
        }
    }

    private static boolean hasAddress(ContainerRow row, String network) {
        return row.resolved().network().endpoints().stream()
                .anyMatch(one ->
                        one.network().id().equals(network) && !one.addresses().isEmpty());
    }

    private @Nullable ContainerRow known(ContainerId id) {
        return store.byId(id).filter(row -> row.spec() != null).orElse(null);
    }

    private void forget(Caller caller, ContainerRow row, String network) {
        List<EndpointSpec> without = row.resolved().network().endpoints().stream()
                .map(one -> one.network().id().equals(network) ? one.addresses(List.of()) : one)
                .toList();
        rewrite(caller, row, without);
    }

    /** Whoever starts it without us, as its restart policy may, has to know. */
    public void tell(Caller caller, ContainerRow row, ContainerSpec spec) {
        try {
            commands.network(caller, row, spec);
        } catch (Failure.NotFound e) {
            // One that was never started is not known to its node yet, and will be made so.
            if (row.state().alive()) {
                throw e;
            }
        }
    }
}
