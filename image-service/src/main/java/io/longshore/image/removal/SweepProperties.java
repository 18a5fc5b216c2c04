package io.longshore.image.removal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * When layers that are no image's any more are looked for.
 *
 * @param every time between looks; 30 s by default
 */
@ConfigurationProperties(prefix = "image.sweep", ignoreUnknownFields = false)
public record SweepProperties(@Nullable Duration every) {
    public SweepProperties {
        if (every != null && (every.isNegative() || every.isZero())) {
            throw new IllegalArgumentException("image.sweep.every: " + every + " is not positive");
        }
    }

    /** The time in effect. */
    public Duration everyOrDefault() {
        return every == null ? Duration.ofSeconds(30) : every;
    }
}
