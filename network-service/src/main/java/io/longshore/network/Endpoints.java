package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.network.NetworkPlaces;
import io.longshore.network.address.Cidr;
import io.longshore.network.definition.Network;
import io.longshore.network.store.Endpoint;
import io.longshore.network.store.EndpointRepository;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Claims on networks. Thread-safe. */
@Service
class Endpoints {
    private static final int MOST_CLAIMS = 1_000;
    private static final int MOST_NETWORKS = 100;

    private final Networks networks;
    private final NodeNetworks nodes;
    private final EndpointRepository repository;
    private final EndpointJournal journal;

    Endpoints(Networks networks, NodeNetworks nodes, EndpointRepository repository, EndpointJournal journal) {
        this.networks = networks;
        this.nodes = nodes;
        this.repository = repository;
        this.journal = journal;
    }

    List<ClaimedEndpoint> claim(Caller caller, NetworkClaim claim) {
        if (claim.networks().size() > MOST_NETWORKS) {
            throw new Failure.TooLarge("claim of " + claim.networks().size() + " networks: at most " + MOST_NETWORKS);
        }
        return claim.networks().stream()
                .map(wanted -> claim(caller, claim, wanted))
                .toList();
    }

    private ClaimedEndpoint claim(Caller caller, NetworkClaim claim, NetworkClaim.Wanted wanted) {
        Network network;
        try {
            network = networks.find(caller, wanted.network());
        } catch (Failure.NotFound e) {
            return ClaimedEndpoint.missing(wanted.network());
        }
        Owner owner = claim.owner();
        String id = Digest.of((network.id() + "/" + owner.container() + "/" + owner.generation())
                        .getBytes(StandardCharsets.UTF_8))
                .hex();
        Endpoint endpoint = new Endpoint(owner, id, network, claim.node(), Instant.now());
        if (!network.hasAddresses()) {
            journal.claim(endpoint);
            return new ClaimedEndpoint(id, network.spec(), "", List.of(), refusal(network, wanted));
        }
        if (network.isOfOneNode()) {
            settle(caller, endpoint);
        }
        nodes.make(caller, network, claim.node());
        ClaimedEndpoint claimed = claimAddresses(endpoint, wanted);
        if (network.isOfOneNode() && !repository.isSettled(endpoint)) {
            // Of two at the same time on different nodes the one stays that has settled it last.
            repository.delete(network.id(), List.of(owner));
            throw elsewhere(caller, endpoint);
        }
        return claimed;
    }

    /** {@code Conflict} when the network's containers are on another node. The predefined one is on each node for itself. */
    private void settle(Caller caller, Endpoint endpoint) {
        if (!repository.settle(endpoint)) {
            throw elsewhere(caller, endpoint);
        }
    }

    private Failure.Conflict elsewhere(Caller caller, Endpoint endpoint) {
        Network network = endpoint.network();
        String other = repository
                .place(network.id())
                .map(node -> nodes.name(caller, node))
                .orElse("that was chosen at the same time");
        return new Failure.Conflict("network " + network.name() + " has containers on node " + other
                + ", and a network of driver " + network.driver() + " does not leave its node: node "
                + nodes.name(caller, endpoint.node()) + " cannot have another on it");
    }

    /** See {@code NetworkApi.places}. */
    NetworkPlaces places(Caller caller, Set<String> references) {
        if (references.size() > MOST_NETWORKS) {
            throw new Failure.TooLarge("places of " + references.size() + " networks: at most " + MOST_NETWORKS);
        }
        Map<String, NodeId> places = new HashMap<>();
        List<String> spanning = new ArrayList<>();
        for (String reference : references) {
            try {
                Network network = networks.find(caller, reference);
                if (network.isOfOneNode()) {
                    repository.place(network.id()).ifPresent(node -> places.put(reference, node));
                } else if (network.spansNodes()) {
                    spanning.add(reference);
                }
            } catch (Failure.NotFound | Failure.Invalid e) {
                // The claim says so.
            }
        }
        return new NetworkPlaces(places, spanning);
    }

    private ClaimedEndpoint claimAddresses(Endpoint endpoint, NetworkClaim.Wanted wanted) {
        Network network = endpoint.network();
        String refusal = refusal(network, wanted);
        if (!refusal.isEmpty()) {
            repository.insert(List.of(endpoint));
            return new ClaimedEndpoint(endpoint.id(), network.spec(), "", List.of(), refusal);
        }
        var claimed = repository.claim(
                endpoint,
                wanted.mac(),
                wanted.ipv4().isEmpty() ? null : wanted.ipv4(),
                wanted.ipv6().isEmpty() ? null : wanted.ipv6());
        if (claimed.isEmpty()) {
            return ClaimedEndpoint.missing(wanted.network());
        }
        List<String> addresses = new ArrayList<>();
        String problem = "";
        for (Network.Pool pool : network.pools()) {
            String address = pool.isV6() ? claimed.get().ipv6() : claimed.get().ipv4();
            if (address != null) {
                addresses.add(address + "/" + pool.prefix());
            } else if (problem.isEmpty()) {
                problem = none(network, pool, pool.isV6() ? wanted.ipv6() : wanted.ipv4());
            }
        }
        String mac = claimed.get().mac().isEmpty()
                ? mac(endpoint, claimed.get().ipv4())
                : claimed.get().mac();
        return new ClaimedEndpoint(endpoint.id(), network.spec(), mac, addresses, problem);
    }

    private static String mac(Endpoint endpoint, @Nullable String ipv4) {
        return Cidr.macOf(
                ipv4 == null ? Cidr.text(HexFormat.of().parseHex(endpoint.id().substring(0, 8))) : ipv4);
    }

    private static String none(Network network, Network.Pool pool, String wanted) {
        return wanted.isEmpty()
                ? "no available " + (pool.isV6() ? "IPv6" : "IPv4") + " addresses on this network's address pools: "
                        + network.name() + " (" + network.id() + ")"
                : "Address already in use";
    }

    /** Why what is wanted can never be; empty if it can. */
    private static String refusal(Network network, NetworkClaim.Wanted wanted) {
        if (wanted.ipv4().isEmpty() && wanted.ipv6().isEmpty()) {
            return "";
        }
        if (network.predefined()) {
            return "user specified IP address is supported on user defined networks only";
        }
        String problem = refusal(network, wanted.ipv4(), false);
        return problem.isEmpty() ? refusal(network, wanted.ipv6(), true) : problem;
    }

    private static String refusal(Network network, String address, boolean v6) {
        if (address.isEmpty()) {
            return "";
        }
        if (!network.definition().asksFor(v6)) {
            return "user specified IP address is supported only when connecting to networks with user configured subnets";
        }
        boolean inside = network.pools().stream()
                .filter(pool -> pool.isV6() == v6)
                .anyMatch(pool -> Cidr.parse(pool.subnet()).contains(Cidr.address(address)));
        return inside ? "" : "Invalid address " + address + ": It does not belong to any of this network's subnets";
    }

    void leave(String network, Owner owner) {
        journal.flush();
        repository.delete(network, List.of(owner));
    }

    void keep(Owner owner, List<String> networks) {
        if (networks.size() > MOST_NETWORKS) {
            throw new Failure.TooLarge("endpoints on " + networks.size() + " networks: at most " + MOST_NETWORKS);
        }
        journal.flush();
        repository.deleteOthers(owner, networks);
    }

    void giveBack(String network, List<Owner> owners) {
        few(owners.size());
        repository.giveBack(network, owners);
    }

    List<Owner> owners(String network, @Nullable String address, @Nullable String after) {
        journal.flush();
        return address == null ? repository.owners(network, after, MOST_CLAIMS) : repository.holder(network, address);
    }

    /** The project's networks on which somebody has an endpoint. */
    Set<String> inUse(String project) {
        journal.flush();
        return repository.inUse(project);
    }

    void release(List<Owner> owners) {
        few(owners.size());
        journal.release(owners);
    }

    private static void few(int owners) {
        if (owners > MOST_CLAIMS) {
            throw new Failure.TooLarge("release of " + owners + " owners: at most " + MOST_CLAIMS);
        }
    }

    ClaimPage claims(@Nullable String after, int limit) {
        if (limit < 1 || limit > MOST_CLAIMS) {
            throw new Failure.Invalid("limit " + limit + " is not between 1 and " + MOST_CLAIMS);
        }
        journal.flush();
        return new ClaimPage(repository.claims(after, limit));
    }
}
