package io.longshore.platform.run;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How parts run.
 *
 * @param directory where the parts' own sockets are made, in {@code services}; /run/longshore by default
 * @param stopWithin how long requests under way may take to end at a stop; 5 s by default, at most 60 s
 */
@ConfigurationProperties(prefix = "run", ignoreUnknownFields = false)
public record RunProperties(
        @Nullable Path directory, @Nullable Duration stopWithin) {
    private static final Path DIRECTORY = Path.of("/run/longshore");
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(60);

    public RunProperties {
        if (directory != null && !directory.isAbsolute()) {
            throw new IllegalArgumentException("run.directory: \"" + directory + "\" is not an absolute path");
        }
        if (stopWithin != null && (stopWithin.isNegative() || stopWithin.compareTo(LONGEST_STOP) > 0)) {
            throw new IllegalArgumentException("run.stop-within: " + stopWithin + " is not between 0s and 60s");
        }
    }

    /** The directory in effect. */
    public Path directoryOrDefault() {
        return directory == null ? DIRECTORY : directory;
    }

    /** The limit in effect. */
    public Duration stopWithinOrDefault() {
        return stopWithin == null ? STOP_WITHIN : stopWithin;
    }
}
