package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.network.ClaimedNetwork;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** Claims, for container-service. */
@RestController
class ClaimController implements NetworkApi {
    private final Networks networks;

    ClaimController(Networks networks) {
        this.networks = networks;
    }

    @Override
    public ClaimedNetwork claim(Caller caller, NetworkClaim claim) {
        return networks.claim(caller.project(), claim);
    }

    @Override
    public void release(Caller caller, List<Owner> owners) {
        networks.release(owners);
    }

    @Override
    public ClaimPage list(Caller caller, @Nullable String after, int limit) {
        return networks.claims(after, limit);
    }
}
