package io.longshore.contracts.claim;

import io.longshore.contracts.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/**
 * What image-, volume- and network-service share about claims. "In use" is answered from claims, never by asking back.
 * Taking a claim is each service's own call, idempotent by owner.
 */
public interface ClaimsApi {
    /** Gives up all claims of these owners (at most 1,000). Unknown owners are no error: releasing is idempotent. */
    @PostExchange("/internal/claims/release")
    void release(Caller caller, @RequestBody List<Owner> owners);

    /** Claims whose container id sorts after {@code after}, at most {@code limit} (1 to 1,000), for the sweep by container-service. */
    @GetExchange("/internal/claims")
    ClaimPage list(Caller caller, @RequestParam(required = false) @Nullable String after, @RequestParam int limit);
}
