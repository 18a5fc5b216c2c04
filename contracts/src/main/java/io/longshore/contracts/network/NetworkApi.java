package io.longshore.contracts.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimsApi;
import io.longshore.contracts.claim.Owner;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** What container-service asks of network-service. */
public interface NetworkApi extends ClaimsApi {
    /**
     * Resolves networks and claims an endpoint on each, in one commit, with address leases where a network has addresses. Idempotent by owner
     * and network; an endpoint that has got no address before tries again. In the order asked. {@code CONFLICT} when a network does not leave a
     * node and its containers are on another one.
     */
    @PostExchange("/internal/networks/claim")
    List<ClaimedEndpoint> claim(Caller caller, @RequestBody NetworkClaim claim);

    /**
     * Where the containers of networks have to be; a network that is not there is left out. By full id, name or unique beginning of an id, at
     * most 100.
     */
    @PostExchange("/internal/networks/places")
    NetworkPlaces places(Caller caller, @RequestBody Set<String> references);

    /**
     * Has a container's endpoints on all networks go with it to another node, addresses included, in one commit; the networks are made on that
     * node first. Idempotent: what has gone stays. {@code CONFLICT} when a network cannot be there, as one that does not leave its node and has
     * others on it: then all is as it was.
     */
    @PostExchange("/internal/networks/move")
    void move(Caller caller, @RequestBody EndpointMove move);

    /** Gives up the owner's endpoint on one network. No error when there is none. */
    @PostExchange("/internal/networks/{id}/leave")
    void leave(Caller caller, @PathVariable String id, @RequestBody Owner owner);

    /** Gives up the owner's endpoints on all networks but these. No error when there are none. */
    @PostExchange("/internal/networks/keep")
    void keep(Caller caller, @RequestBody KeptEndpoints kept);

    /**
     * Takes the addresses of these owners on one network back, whose endpoints stay: they do not run, and another needs one. At most 1,000
     * owners.
     */
    @PostExchange("/internal/networks/{id}/give-back")
    void giveBack(Caller caller, @PathVariable String id, @RequestBody List<Owner> owners);

    /** Who has an endpoint on a network, in order of container ids, at most 1,000 after {@code after}; with {@code address}, who has that one. */
    @GetExchange("/internal/networks/{id}/owners")
    List<Owner> owners(
            Caller caller,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String address,
            @RequestParam(required = false) @Nullable String after);

    /** By full id, name, or the only one whose id begins so. {@code NOT_FOUND} "network X not found". */
    @GetExchange("/internal/networks/find")
    NetworkDescription find(Caller caller, @RequestParam String reference);

    /** The project's networks, by name. */
    @GetExchange("/internal/networks")
    List<NetworkDescription> all(Caller caller);

    /**
     * Removes a network with the endpoints of these owners, none of which runs. {@code FORBIDDEN} for a predefined one; {@code CONFLICT} when
     * another owner has an endpoint on it. No error when there is none.
     */
    @PostExchange("/internal/networks/{id}/remove")
    void remove(Caller caller, @PathVariable String id, @RequestBody List<Owner> idle);
}
