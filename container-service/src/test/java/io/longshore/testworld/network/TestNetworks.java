package io.longshore.testworld.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.EndpointMove;
import io.longshore.contracts.network.KeptEndpoints;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.network.NetworkDescription;
import io.longshore.contracts.network.NetworkPlaces;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.testworld.MemoryClaims;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** The networks none and host, and lan, which has two addresses. */
@LongshoreService(Part.NETWORK)
public class TestNetworks {
    /** The service. */
    @RestController
    public static class Networks implements NetworkApi {
        private static final String NONE = "d4".repeat(32);
        private static final String HOST = "d5".repeat(32);

        private final MemoryClaims claims = new MemoryClaims();
        private final Lan lan = new Lan();
        private volatile Map<String, NodeId> places = Map.of();
        private volatile List<String> spanning = List.of();
        private volatile @Nullable NodeId lanSettledOn;
        private final Span span = new Span();

        /** What is claimed. */
        public MemoryClaims claims() {
            return claims;
        }

        /** Makes lan anew after it was removed. */
        public void makeLanAgain() {
            lan.makeAgain();
        }

        @Override
        public List<ClaimedEndpoint> claim(Caller caller, NetworkClaim claim) {
            NodeId settled = lanSettledOn;
            if (settled != null && !claim.node().equals(settled)) {
                places = Map.of(Lan.NAME, settled);
                throw new Failure.Conflict("network lan has containers on node " + settled);
            }
            claims.take(claim.owner());
            return claim.networks().stream()
                    .map(wanted -> endpoint(claim.owner(), wanted))
                    .toList();
        }

        private ClaimedEndpoint endpoint(Owner owner, NetworkClaim.Wanted wanted) {
            String network = wanted.network();
            if (network.equals(Lan.NAME)
                    || network.equals(Lan.description().spec().id())) {
                return lan.claim(owner, wanted);
            }
            if (Span.isMeant(network)) {
                return span.claim(owner);
            }
            if (!List.of("none", "host", NONE, HOST).contains(network)) {
                return ClaimedEndpoint.missing(network);
            }
            boolean none = network.equals("none") || network.equals(NONE);
            NetworkSpec spec = none ? NetworkSpec.plain(NONE, "none", "null") : NetworkSpec.plain(HOST, "host", "host");
            return new ClaimedEndpoint(owner.container().value(), spec, "", List.of(), "");
        }

        /** Who claims an endpoint for another node is refused from now on, and told of the place when he asks next; null for nobody. */
        public void settled(@Nullable NodeId node) {
            lanSettledOn = node;
        }

        /** Which networks are said to span nodes from now on. */
        public void spanning(String... now) {
            spanning = List.of(now);
        }

        /** Where networks are said to be from now on. */
        public void placed(Map<String, NodeId> now) {
            places = Map.copyOf(now);
        }

        @Override
        public NetworkPlaces places(Caller caller, Set<String> references) {
            Map<String, NodeId> found = new HashMap<>(places);
            found.keySet().retainAll(references);
            List<String> across = spanning.stream().filter(references::contains).toList();
            return new NetworkPlaces(found, across);
        }

        @Override
        public void move(Caller caller, EndpointMove move) {
            if (lan.isShared(move.from())) {
                throw new Failure.Conflict("network lan has other containers");
            }
            if (!move.ahead()) {
                claims.move(move.from(), move.to());
                lan.move(move.from(), move.to());
                span.move(move.from(), move.to());
            }
        }

        @Override
        public void leave(Caller caller, String id, Owner owner) {
            lan.leave(owner);
        }

        @Override
        public void keep(Caller caller, KeptEndpoints kept) {
            if (!kept.networks().contains(Lan.description().spec().id())) {
                lan.leave(kept.owner());
            }
        }

        @Override
        public void giveBack(Caller caller, String id, List<Owner> owners) {
            lan.giveBack(owners);
        }

        @Override
        public List<Owner> owners(Caller caller, String id, @Nullable String address, @Nullable String after) {
            return after == null ? lan.owners(address) : List.of();
        }

        @Override
        public NetworkDescription find(Caller caller, String reference) {
            if (!reference.equals(Lan.NAME) || !lan.isThere()) {
                throw new Failure.NotFound("network " + reference + " not found");
            }
            return Lan.description();
        }

        @Override
        public List<NetworkDescription> all(Caller caller) {
            return lan.isThere() ? List.of(Lan.description()) : List.of();
        }

        @Override
        public void remove(Caller caller, String id, List<Owner> idle) {
            lan.remove(idle);
        }

        @Override
        public void release(Caller caller, List<Owner> owners) {
            // In this order: who sees that the claims are given up sees the addresses free.
            owners.forEach(lan::leave);
            claims.release(owners);
        }

        @Override
        public ClaimPage list(Caller caller, @Nullable String after, int limit) {
            return claims.page(after, limit);
        }
    }
}
