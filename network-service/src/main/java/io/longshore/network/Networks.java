package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.network.address.NetworkProperties;
import io.longshore.network.definition.CreateBody;
import io.longshore.network.definition.Network;
import io.longshore.network.store.EndpointRepository;
import io.longshore.network.store.NetworkRepository;
import io.longshore.platform.data.EventOutbox;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The networks of projects. A network is a row before a node has anything of it and until no node has, so that nothing on a node is without
 * a row; in between it is READY, and only then can endpoints be claimed on it. Thread-safe.
 */
@Service
class Networks {
    private static final int SWEPT_AT_ONCE = 100;
    private static final int MOST_OWNERS = 1_000;

    private final NetworkRepository repository;
    private final EndpointRepository endpoints;
    private final EndpointJournal journal;
    private final Predefined predefined;
    private final Making making;
    private final DefaultDriver drivers;
    private final NodeNetworks nodes;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;
    /** Of UDP, at which nodes listen for each other. */
    private final int overlayPort;

    @SuppressWarnings("checkstyle:ParameterNumber") // what a network is made of
    Networks(
            NetworkRepository repository,
            EndpointRepository endpoints,
            EndpointJournal journal,
            Predefined predefined,
            Making making,
            DefaultDriver drivers,
            NodeNetworks nodes,
            EventOutbox outbox,
            TransactionTemplate transactions,
            NetworkProperties properties) {
        this.repository = repository;
        this.endpoints = endpoints;
        this.journal = journal;
        this.predefined = predefined;
        this.making = making;
        this.drivers = drivers;
        this.nodes = nodes;
        this.outbox = outbox;
        this.transactions = transactions;
        this.overlayPort = properties.overlayOrDefault().portOrDefault();
    }

    /** The project's networks, by name. */
    List<Network> list(Caller caller) {
        predefined.ensure(caller);
        return repository.list(caller.project());
    }

    /** By full id, name, or the only one whose id begins so. */
    Network find(Caller caller, String reference) {
        Network known = predefined.known(caller, reference);
        if (known != null) {
            return known;
        }
        List<Network> matching = reference.isEmpty() || reference.indexOf('\0') >= 0
                ? List.of()
                : repository.matching(caller.project(), reference);
        if (matching.isEmpty()) {
            throw new Failure.NotFound("network " + reference.replace("\0", "\\0") + " not found");
        }
        Network first = matching.getFirst();
        boolean exact = first.id().equals(reference) || first.name().equals(reference);
        if (!exact && matching.size() > 1) {
            throw new Failure.Invalid("network " + reference + " is ambiguous (" + matching.size()
                    + " matches found based on ID prefix)");
        }
        return first;
    }

    /** Makes a network; its id. */
    String create(Caller caller, CreateBody.Wish wish) {
        predefined.ensure(caller);
        DefaultDriver.Choice choice = drivers.of(caller, wish);
        Network network = new Network(
                ContainerId.random().value(),
                caller.project(),
                wish.name(),
                choice.driver(),
                Instant.now(),
                Network.State.MAKING,
                choice.definition(),
                List.of(),
                null);
        String device = network.spec().bridgeOptions().device();
        String other = repository.withDevice(device, network.id());
        if (other != null) {
            throw new Failure.Forbidden("cannot create network " + network.id() + " (" + device
                    + "): conflicts with network " + other + " (" + device + "): networks have same bridge name");
        }
        boolean inserted = network.spansNodes() ? repository.insert(network, overlayPort) : repository.insert(network);
        if (!inserted) {
            throw new Failure.Conflict("network with name " + wish.name() + " already exists");
        }
        try {
            Network numbered = repository.byId(network.id()).orElse(network);
            return making.finish(caller, numbered).id();
        } catch (RuntimeException e) {
            undo(caller, network, e);
            throw e;
        }
    }

    private void undo(Caller caller, Network network, RuntimeException why) {
        try {
            nodes.remove(caller, network);
            repository.delete(network.id());
        } catch (RuntimeException left) {
            // The sweep finds the row, and goes on.
            why.addSuppressed(left);
        }
    }

    /** Removes a network, with the endpoints of these owners; see {@code NetworkApi.remove}. */
    void remove(Caller caller, String id, List<Owner> idle) {
        Network network = repository.byId(id).orElse(null);
        if (network == null || !network.project().equals(caller.project())) {
            return;
        }
        if (network.predefined()) {
            throw new Failure.Forbidden(network.name() + " is a pre-defined network and cannot be removed");
        }
        journal.flush();
        transactions.executeWithoutResult(status -> {
            boolean marked = repository.move(id, Network.State.READY, Network.State.REMOVING);
            if (!marked && network.state() != Network.State.REMOVING) {
                throw new Failure.Conflict("network " + network.name() + " is not ready: try again");
            }
            Set<Owner> others = new HashSet<>(endpoints.owners(id, null, MOST_OWNERS));
            idle.forEach(others::remove);
            if (!others.isEmpty()) {
                throw new Failure.Conflict("error while removing network: network " + network.name() + " id " + id
                        + " has active endpoints");
            }
            endpoints.delete(id, idle);
        });
        finishRemoval(caller, network);
    }

    private void finishRemoval(Caller caller, Network network) {
        nodes.remove(caller, network);
        transactions.executeWithoutResult(status -> {
            if (repository.delete(network.id()) && network.state() != Network.State.MAKING) {
                outbox.append(Making.event(network, "destroy"));
            }
        });
    }

    /** Finishes removals that were cut off longer ago than that, and undoes creates that were. */
    void sweep(Caller caller, Duration leftFor) {
        for (Network network : repository.unfinished(leftFor, SWEPT_AT_ONCE)) {
            if (!network.predefined()) {
                finishRemoval(caller, network);
            }
        }
    }
}
