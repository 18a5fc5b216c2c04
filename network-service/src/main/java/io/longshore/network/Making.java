package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.network.address.Cidr;
import io.longshore.network.address.Subnets;
import io.longshore.network.definition.Network;
import io.longshore.network.definition.NetworkDefinition;
import io.longshore.network.store.NetworkRepository;
import io.longshore.network.store.NetworkRepository.NewPool;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Gives a network that is being made its subnets and has the nodes make it. Subnets that nobody asked for are taken from the pools, one after
 * the other, until one is free in the database and on all nodes. One at a time makes a network, see {@code MakingLock}. Thread-safe.
 */
@Component
class Making {
    /** More than there are subnets by default; each costs a call of a node at most. */
    private static final int MOST_SUBNETS = 100;

    private static final String OVERLAP = "Pool overlaps with other one on this address space";

    private final NetworkRepository repository;
    private final Subnets subnets;
    private final NodeNetworks nodes;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;

    Making(
            NetworkRepository repository,
            Subnets subnets,
            NodeNetworks nodes,
            EventOutbox outbox,
            TransactionTemplate transactions) {
        this.repository = repository;
        this.subnets = subnets;
        this.nodes = nodes;
        this.outbox = outbox;
        this.transactions = transactions;
    }

    /** The network, which is {@code MAKING}, ready. {@code Forbidden} when there is no subnet for it, or its own is taken. */
    Network finish(Caller caller, Network network) {
        Set<String> refused = new HashSet<>();
        for (int attempt = 0; attempt < MOST_SUBNETS; attempt++) {
            Network with = addressed(network, refused);
            try {
                nodes.make(caller, with);
                return ready(with);
            } catch (Failure.Conflict e) {
                if (network.definition().asksFor(false) || with.pools().isEmpty()) {
                    throw new Failure.Forbidden(e.text(), e);
                }
                takeBack(caller, with, e);
                with.pools().forEach(pool -> refused.add(pool.subnet()));
            }
        }
        throw exhausted();
    }

    /** While a node may still have it with these subnets it gets no others. */
    private void takeBack(Caller caller, Network network, Failure.Conflict refused) {
        try {
            nodes.takeBack(caller, network);
        } catch (Failure left) {
            refused.addSuppressed(left);
            throw refused;
        }
        transactions.executeWithoutResult(status -> repository.deletePools(network.id()));
    }

    private Network ready(Network network) {
        transactions.executeWithoutResult(status -> {
            if (repository.move(network.id(), Network.State.MAKING, Network.State.READY) && !network.predefined()) {
                outbox.append(event(network, "create"));
            }
        });
        return repository
                .byId(network.id())
                .orElseThrow(() -> new Failure.NotFound("network " + network.name() + " not found"));
    }

    static NewEvent event(Network network, String action) {
        return new NewEvent(
                network.project(),
                "network",
                action,
                network.id(),
                Map.of("name", network.name(), "type", network.driver()));
    }

    /** With the pools that it has, or gets now. */
    private Network addressed(Network network, Set<String> refused) {
        if (!network.hasAddresses()) {
            return network;
        }
        for (int attempt = 0; attempt < MOST_SUBNETS; attempt++) {
            try {
                return Objects.requireNonNull(transactions.execute(status -> {
                    List<Network.Pool> taken = repository.lockedPools(network.id());
                    return network.pools(taken.isEmpty() ? insert(network, refused) : taken);
                }));
            } catch (DataIntegrityViolationException e) {
                if (network.definition().asksFor(false) || network.definition().asksFor(true)) {
                    throw new Failure.Forbidden(OVERLAP, e);
                }
                // Somebody else took the subnet in this moment.
            }
        }
        throw exhausted();
    }

    private List<Network.Pool> insert(Network network, Set<String> refused) {
        NetworkDefinition definition = network.definition();
        List<NewPool> pools = new ArrayList<>();
        if (definition.ipv4()) {
            NetworkDefinition.Subnet asked = asked(definition, false);
            pools.add(asked == null ? pool(free(refused)) : pool(asked));
        }
        if (definition.ipv6()) {
            NetworkDefinition.Subnet asked = asked(definition, true);
            pools.add(asked == null ? pool(subnets.v6()) : pool(asked));
        }
        pools.forEach(pool -> repository.insert(network.id(), pool));
        return pools.stream()
                .map(pool -> new Network.Pool(pool.subnet(), pool.gateway()))
                .toList();
    }

    private static NetworkDefinition.@Nullable Subnet asked(NetworkDefinition definition, boolean v6) {
        return definition.subnets().stream()
                .filter(subnet -> subnet.isV6() == v6)
                .findFirst()
                .orElse(null);
    }

    private Cidr free(Set<String> refused) {
        List<Cidr> taken = repository.subnets().stream().map(Cidr::parse).toList();
        return subnets.v4()
                .filter(candidate -> !refused.contains(candidate.toString()))
                .filter(candidate ->
                        taken.stream().noneMatch(other -> other.contains(candidate) || candidate.contains(other)))
                .findFirst()
                .orElseThrow(Making::exhausted);
    }

    private static Failure exhausted() {
        return new Failure.Forbidden(
                "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network;"
                        + " give it a subnet, or set network.pools");
    }

    private static NewPool pool(Cidr subnet) {
        return pool(new NetworkDefinition.Subnet(subnet.toString(), "", "", Map.of()));
    }

    /** The first address is the network's, the last of IPv4 is for broadcasts. */
    private static NewPool pool(NetworkDefinition.Subnet asked) {
        Cidr subnet = Cidr.parse(asked.subnet());
        Cidr range = asked.range().isEmpty() ? subnet : Cidr.parse(asked.range());
        boolean fromStart = range.base().equals(subnet.base());
        boolean toEnd = range.at(-1).equals(subnet.at(-1)) && !subnet.isV6();
        String first = range.at(fromStart ? 1 : 0);
        String last = range.at(toEnd ? -2 : -1);
        String gateway = asked.gateway().isEmpty() ? first : Cidr.canonical(asked.gateway());
        List<String> reserved = Stream.of(
                        asked.reserved().values().stream().map(Cidr::canonical),
                        Stream.of(subnet.at(0)),
                        subnet.isV6() ? Stream.<String>empty() : Stream.of(subnet.at(-1)))
                .flatMap(addresses -> addresses)
                .distinct()
                .toList();
        return new NewPool(subnet.toString(), gateway, first, last, reserved);
    }
}
