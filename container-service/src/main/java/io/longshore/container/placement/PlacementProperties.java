package io.longshore.container.placement;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where containers go that do not say it themselves.
 *
 * @param strategy {@code spread} or {@code pack}; spread by default
 */
@ConfigurationProperties(prefix = "container.placement", ignoreUnknownFields = false)
public record PlacementProperties(@Nullable Strategy strategy) {
    /** The one in effect. */
    public Strategy strategyOrDefault() {
        return strategy == null ? Strategy.SPREAD : strategy;
    }
}
