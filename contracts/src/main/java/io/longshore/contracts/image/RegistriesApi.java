package io.longshore.contracts.image;

import io.longshore.contracts.Caller;
import io.longshore.contracts.registry.RegistryAccess;
import org.springframework.web.service.annotation.GetExchange;

/** What the gateway asks of image-service about registries, for {@code GET /info}. */
public interface RegistriesApi {
    /** How they are reached, as it is configured: for all projects alike, and nothing secret. */
    @GetExchange("/internal/registries")
    RegistryAccess access(Caller caller);
}
