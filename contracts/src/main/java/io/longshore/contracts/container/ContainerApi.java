package io.longshore.contracts.container;

import io.longshore.contracts.Caller;
import org.springframework.web.service.annotation.GetExchange;

/** What the gateway asks of container-service beside the Engine's paths. */
public interface ContainerApi {
    /** How many containers the project has in which state, for {@code GET /info}. */
    @GetExchange("/internal/containers/count")
    ContainerCounts count(Caller caller);
}
