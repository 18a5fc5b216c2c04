package io.longshore.contracts.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** How to find out whether a container is healthy (Engine API, HealthConfig). Durations in nanoseconds; 0 or null inherits. */
@JsonNaming(UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Healthcheck(
        @Nullable List<String> test,
        @Nullable Long interval,
        @Nullable Long timeout,
        @Nullable Integer retries,
        @Nullable Long startPeriod,
        @Nullable Long startInterval) {}
