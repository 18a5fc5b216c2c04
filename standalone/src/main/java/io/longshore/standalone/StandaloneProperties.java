package io.longshore.standalone;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The standalone form.
 *
 * @param workDirectory holds everything that lasts; /var/lib/longshore by default
 * @param postgresUser the system user that PostgreSQL runs as; {@code longshore-postgres} by default, made by {@code ./longshore up}
 * @param stopWithin how long a stop of everything may take before the process ends anyway; 20 s by default, 1 s to 5 minutes
 */
@ConfigurationProperties(prefix = "standalone", ignoreUnknownFields = false)
record StandaloneProperties(
        @Nullable Path workDirectory,
        @Nullable String postgresUser,
        @Nullable Duration stopWithin) {
    StandaloneProperties {
        if (workDirectory != null && !workDirectory.isAbsolute()) {
            throw new IllegalArgumentException(
                    "standalone.work-directory: \"" + workDirectory + "\" is not an absolute path");
        }
        if (stopWithin != null
                && (stopWithin.compareTo(Duration.ofSeconds(1)) < 0
                        || stopWithin.compareTo(Duration.ofMinutes(5)) > 0)) {
            throw new IllegalArgumentException("standalone.stop-within: " + stopWithin + " is not between 1s and 5m");
        }
    }

    Path workDirectoryOrDefault() {
        return workDirectory == null ? Path.of("/var/lib/longshore") : workDirectory;
    }

    String postgresUserOrDefault() {
        return postgresUser == null ? "longshore-postgres" : postgresUser;
    }

    Duration stopWithinOrDefault() {
        return stopWithin == null ? Duration.ofSeconds(20) : stopWithin;
    }
}
