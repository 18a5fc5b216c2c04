package io.longshore.container.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How rows and nodes are kept in step.
 *
 * @param every time between looks for what was left half done; 10 s by default
 * @param sweepEvery time between sweeps of other services' claims; 60 s by default
 * @param leaveFor how long a half-made container or a claim without one is left alone; 60 s by default, twice as
 *     long as a create may take: with less, one that is slow is undone under its maker's hands, and answers so
 */
@ConfigurationProperties(prefix = "container.reconcile", ignoreUnknownFields = false)
public record ReconcileProperties(
        @Nullable Duration every,
        @Nullable Duration sweepEvery,
        @Nullable Duration leaveFor) {
    public ReconcileProperties {
        positive("every", every);
        positive("sweep-every", sweepEvery);
        positive("leave-for", leaveFor);
    }

    private static void positive(String key, @Nullable Duration value) {
        if (value != null && (value.isNegative() || value.isZero())) {
            throw new IllegalArgumentException("container.reconcile." + key + ": " + value + " is not positive");
        }
    }

    /** The time in effect. */
    public Duration everyOrDefault() {
        return every == null ? Duration.ofSeconds(10) : every;
    }

    /** The time in effect. */
    public Duration sweepEveryOrDefault() {
        return sweepEvery == null ? Duration.ofSeconds(60) : sweepEvery;
    }

    /** The time in effect. */
    public Duration leaveForOrDefault() {
        return leaveFor == null ? Duration.ofSeconds(60) : leaveFor;
    }
}
