package io.longshore.contracts.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimsApi;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** What container-service asks of network-service. */
public interface NetworkApi extends ClaimsApi {
    /**
     * Resolves the container's network and claims an endpoint on it, in one commit, its address lease included where the network has
     * addresses. Idempotent by owner. {@code NOT_FOUND} "network X not found".
     */
    @PostExchange("/internal/networks/claim")
    ClaimedNetwork claim(Caller caller, @RequestBody NetworkClaim claim);
}
