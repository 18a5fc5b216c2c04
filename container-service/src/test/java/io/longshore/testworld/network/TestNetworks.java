package io.longshore.testworld.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.network.NetworkDescription;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.testworld.MemoryClaims;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** The networks none and host. */
@LongshoreService(Part.NETWORK)
public class TestNetworks {
    /** The service. */
    @RestController
    public static class Networks implements NetworkApi {
        private final MemoryClaims claims = new MemoryClaims();

        /** What is claimed. */
        public MemoryClaims claims() {
            return claims;
        }

        @Override
        public List<ClaimedEndpoint> claim(Caller caller, NetworkClaim claim) {
            claims.take(claim.owner());
            return claim.networks().stream()
                    .map(wanted -> endpoint(claim, wanted.network()))
                    .toList();
        }

        private static ClaimedEndpoint endpoint(NetworkClaim claim, String network) {
            if (!network.equals("none") && !network.equals("host")) {
                return ClaimedEndpoint.missing(network);
            }
            String driver = network.equals("none") ? "null" : "host";
            return new ClaimedEndpoint(
                    claim.owner().container().value(),
                    NetworkSpec.plain("d4".repeat(32), network, driver),
                    "",
                    List.of(),
                    "");
        }

        @Override
        public void leave(Caller caller, String id, Owner owner) {
            throw new UnsupportedOperationException("nobody is disconnected here");
        }

        @Override
        public void giveBack(Caller caller, String id, List<Owner> owners) {
            throw new UnsupportedOperationException("there are no addresses here");
        }

        @Override
        public List<Owner> owners(Caller caller, String id, @Nullable String address, @Nullable String after) {
            return List.of();
        }

        @Override
        public NetworkDescription find(Caller caller, String reference) {
            throw new Failure.NotFound("network " + reference + " not found");
        }

        @Override
        public List<NetworkDescription> all(Caller caller) {
            return List.of();
        }

        @Override
        public void remove(Caller caller, String id, List<Owner> idle) {
            throw new UnsupportedOperationException("networks are not removed here");
        }

        @Override
        public void release(Caller caller, List<Owner> owners) {
            claims.release(owners);
        }

        @Override
        public ClaimPage list(Caller caller, @Nullable String after, int limit) {
            return claims.page(after, limit);
        }
    }
}
