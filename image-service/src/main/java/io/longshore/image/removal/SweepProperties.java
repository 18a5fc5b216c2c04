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
    private static final Duration FIRST = Duration.ofSeconds(5);

    public SweepProperties {
        if (every != null && (every.isNegative() || every.isZero())) {
            throw new IllegalArgumentException("image.sweep.every: " + every + " is not positive");
        }
    }

    /** The time in effect. */
    public Duration everyOrDefault() {
        return every == null ? Duration.ofSeconds(30) : every;
    }

    /** When the first look is, after a start: other parts may still be starting. */
    public Duration first() {
        return everyOrDefault().compareTo(FIRST) < 0 ? everyOrDefault() : FIRST;
    }
}
