package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.network.EndpointMove;
import io.longshore.network.definition.Network;
import io.longshore.network.store.EndpointRepository;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Service;

/** Endpoints that go with their container to another node. Thread-safe. */
@Service
class EndpointMoves {
    private final Networks networks;
    private final NodeNetworks nodes;
    private final EndpointRepository repository;
    private final EndpointJournal journal;

    EndpointMoves(Networks networks, NodeNetworks nodes, EndpointRepository repository, EndpointJournal journal) {
        this.networks = networks;
        this.nodes = nodes;
        this.repository = repository;
        this.journal = journal;
    }

    /** See {@code NetworkApi.move}. */
    void move(Caller caller, EndpointMove move) {
        if (!move.from().container().equals(move.to().container())) {
            throw new Failure.Invalid("endpoints of container " + move.from().container() + " cannot go to "
                    + move.to().container() + ": they go with their container");
        }
        journal.flush();
        List<String> ofOneNode = new ArrayList<>();
        for (String id : repository.networks(move.from())) {
            Network network = networks.find(caller, id);
            if (network.isOfOneNode()) {
                ofOneNode.add(id);
                if (repository.isShared(id, move.from().container())) {
                    throw shared(caller, network, move.node());
                }
            }
            if (network.hasAddresses()) {
                nodes.make(caller, network, move.node());
            }
        }
        if (!move.ahead()) {
            repository.move(move.from(), move.to(), move.node(), ofOneNode).ifPresent(id -> {
                throw shared(caller, networks.find(caller, id), move.node());
            });
        }
    }

    private Failure.Conflict shared(Caller caller, Network network, NodeId wanted) {
        return new Failure.Conflict("network " + network.name() + " has other containers, and a network of driver "
                + network.driver() + " does not leave its node: none of them can go to node "
                + nodes.name(caller, wanted));
    }
}
