package io.longshore.container.drain;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How nodes are drained.
 *
 * @param deadline how long after a node was set to drain containers are moved from it; 10 min by default
 * @param atOnce how many containers of one node are moved at the same time; 4 by default
 */
@ConfigurationProperties(prefix = "container.drain", ignoreUnknownFields = false)
public record DrainProperties(
        @Nullable Duration deadline, @Nullable Integer atOnce) {
    private static final int MOST = 64;

    public DrainProperties {
        if (deadline != null && (deadline.isNegative() || deadline.isZero())) {
            throw new IllegalArgumentException("container.drain.deadline: " + deadline + " is not positive");
        }
        if (atOnce != null && (atOnce < 1 || atOnce > MOST)) {
            throw new IllegalArgumentException("container.drain.at-once: " + atOnce + " is not from 1 to " + MOST);
        }
    }

    /** The time in effect. */
    public Duration deadlineOrDefault() {
        return deadline == null ? Duration.ofMinutes(10) : deadline;
    }

    /** The number in effect. */
    public int atOnceOrDefault() {
        return atOnce == null ? 4 : atOnce;
    }
}
