package io.longshore.contracts.access;

import io.longshore.contracts.Caller;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** What the gateway asks of access-service. */
public interface AccessApi {
    /** Who stands behind a credential; {@code UNAUTHENTICATED} when nobody does. */
    @PostExchange("/internal/access/identify")
    Identity identify(Caller caller, @RequestBody Credential credential);
}
