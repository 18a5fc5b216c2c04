package io.longshore.contracts.container;

import io.longshore.contracts.Caller;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;

/** What the gateway asks of container-service beside the Engine's paths. */
public interface ContainerApi {
    /** How many containers the project has in which state, for {@code GET /info}. */
    @GetExchange("/internal/containers/count")
    ContainerCounts count(Caller caller);

    /**
     * All containers of the project as the Engine API lists them, with their sizes where they can be measured in the caller's time, for
     * {@code GET /system/df}.
     *
     * @param version of the Engine API, such as {@code 1.51}
     */
    @GetExchange("/internal/containers/usage")
    List<Map<String, @Nullable Object>> usage(Caller caller, @RequestParam String version);
}
