package io.longshore.contracts.volume;

import io.longshore.contracts.Caller;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.service.annotation.GetExchange;

/** What the gateway asks of volume-service for {@code GET /system/df}. */
public interface VolumeUsageApi {
    /** The project's volumes as the Engine API lists them, with {@code UsageData}; the size of one that cannot be measured in time is -1. */
    @GetExchange("/internal/volumes/usage")
    List<Map<String, @Nullable Object>> usage(Caller caller);
}
