package io.longshore.testworld.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.network.ClaimedNetwork;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
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
        public ClaimedNetwork claim(Caller caller, NetworkClaim claim) {
            if (!claim.network().equals("none") && !claim.network().equals("host")) {
                throw new Failure.NotFound("network " + claim.network() + " not found");
            }
            claims.take(claim.owner());
            String driver = claim.network().equals("none") ? "null" : "host";
            return new ClaimedNetwork(
                    "d4".repeat(32),
                    claim.network(),
                    driver,
                    claim.owner().container().value());
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
