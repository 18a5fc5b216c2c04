package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.EndpointMove;
import io.longshore.contracts.network.KeptEndpoints;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.network.NetworkDescription;
import io.longshore.contracts.network.NetworkPlaces;
import io.longshore.network.definition.Network;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** Claims and networks, for container-service. */
@RestController
class ClaimController implements NetworkApi {
    private final Networks networks;
    private final Endpoints endpoints;
    private final EndpointMoves moves;

    ClaimController(Networks networks, Endpoints endpoints, EndpointMoves moves) {
        this.networks = networks;
        this.endpoints = endpoints;
        this.moves = moves;
    }

    @Override
    public List<ClaimedEndpoint> claim(Caller caller, NetworkClaim claim) {
        return endpoints.claim(caller, claim);
    }

    @Override
    public NetworkPlaces places(Caller caller, Set<String> references) {
        return endpoints.places(caller, references);
    }

    @Override
    public void move(Caller caller, EndpointMove move) {
        moves.move(caller, move);
    }

    @Override
    public void leave(Caller caller, String id, Owner owner) {
        endpoints.leave(id, owner);
    }

    @Override
    public void keep(Caller caller, KeptEndpoints kept) {
        endpoints.keep(kept.owner(), kept.networks());
    }

    @Override
    public void giveBack(Caller caller, String id, List<Owner> owners) {
        endpoints.giveBack(id, owners);
    }

    @Override
    public List<Owner> owners(Caller caller, String id, @Nullable String address, @Nullable String after) {
        return endpoints.owners(id, address, after);
    }

    @Override
    public NetworkDescription find(Caller caller, String reference) {
        return description(networks.find(caller, reference));
    }

    @Override
    public List<NetworkDescription> all(Caller caller) {
        return networks.list(caller).stream().map(ClaimController::description).toList();
    }

    private static NetworkDescription description(Network network) {
        return new NetworkDescription(
                network.spec(),
                network.predefined(),
                network.created(),
                network.definition().labels(),
                NetworkAnswer.of(network));
    }

    @Override
    public void remove(Caller caller, String id, List<Owner> idle) {
        networks.remove(caller, id, idle);
    }

    @Override
    public void release(Caller caller, List<Owner> owners) {
        endpoints.release(owners);
    }

    @Override
    public ClaimPage list(Caller caller, @Nullable String after, int limit) {
        return endpoints.claims(after, limit);
    }
}
