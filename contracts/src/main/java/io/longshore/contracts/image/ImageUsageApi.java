package io.longshore.contracts.image;

import io.longshore.contracts.Caller;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;

/** What the gateway asks of image-service for {@code GET /system/df}. */
public interface ImageUsageApi {
    /**
     * The project's images as the Engine API lists them, with shared sizes and how many containers use them.
     *
     * @param version of the Engine API, such as {@code 1.51}
     */
    @GetExchange("/internal/images/usage")
    ImageUsage usage(Caller caller, @RequestParam String version);
}
