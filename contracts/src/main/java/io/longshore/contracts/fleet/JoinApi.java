package io.longshore.contracts.fleet;

import io.longshore.contracts.Caller;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** What a machine asks of fleet-service that is to become a node. It has no certificate yet: its token is what it is let in with. */
public interface JoinApi {
    /**
     * Makes a machine a node of the fleet. Asked again with the same token and key it is the same node, with a new certificate, so that an answer
     * that was lost costs nothing. Failures: {@code Unauthenticated} for a token that is not known, has expired or is used up; {@code Conflict}
     * for a name that another node has; {@code Invalid} for a request that cannot be read.
     */
    @PostExchange("/internal/join")
    JoinAnswer join(Caller caller, @RequestBody JoinRequest request);
}
