package io.longshore.volume;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * When removals of volumes that were cut off are finished.
 *
 * @param every time between looks; 30 s by default
 * @param leaveFor how long such a volume is left alone; 150 s by default: a removal that takes longer is one whose process has died
 */
@ConfigurationProperties(prefix = "volume.sweep", ignoreUnknownFields = false)
record VolumeSweepProperties(
        @Nullable Duration every, @Nullable Duration leaveFor) {
    VolumeSweepProperties {
        positive("every", every);
        positive("leave-for", leaveFor);
    }

    private static void positive(String key, @Nullable Duration value) {
        if (value != null && (value.isNegative() || value.isZero())) {
            throw new IllegalArgumentException("volume.sweep." + key + ": " + value + " is not positive");
        }
    }

    /** The time in effect. */
    Duration everyOrDefault() {
        return every == null ? Duration.ofSeconds(30) : every;
    }

    /** The time in effect. */
    Duration leaveForOrDefault() {
        return leaveFor == null ? VolumeRemoval.LIMIT.plusSeconds(30) : leaveFor;
    }
}
