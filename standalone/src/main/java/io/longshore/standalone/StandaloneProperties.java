package io.longshore.standalone;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The standalone form.
 *
 * @param workDirectory holds everything that lasts; /var/lib/longshore by default
 * @param postgresBinaries holds PostgreSQL's programs, for this Longshore or for several of one version; {@code postgres} below the work
 *     directory by default
 * @param postgresUser the system user that PostgreSQL runs as; {@code longshore-postgres} by default, made by {@code ./longshore up}
 * @param stopWithin how long a stop of everything may take before the process ends anyway; 20 s by default, 1 s to 5 minutes
 */
@ConfigurationProperties(prefix = "standalone", ignoreUnknownFields = false)
record StandaloneProperties(
        @Nullable Path workDirectory,
        @Nullable Path postgresBinaries,
        @Nullable String postgresUser,
        @Nullable Duration stopWithin) {
    StandaloneProperties {
        absolute("work-directory", workDirectory);
        absolute("postgres-binaries", postgresBinaries);
        if (stopWithin != null
                && (stopWithin.compareTo(Duration.ofSeconds(1)) < 0
                        || stopWithin.compareTo(Duration.ofMinutes(5)) > 0)) {
            throw new IllegalArgumentException("standalone.stop-within: " + stopWithin + " is not between 1s and 5m");
        }
    }

    private static void absolute(String key, @Nullable Path path) {
        if (path != null && !path.isAbsolute()) {
            throw new IllegalArgumentException("standalone." + key + ": \"" + path + "\" is not an absolute path");
        }
    }

    Path workDirectoryOrDefault() {
        return workDirectory == null ? Path.of("/var/lib/longshore") : workDirectory;
    }

    Path postgresBinariesOrDefault() {
        return postgresBinaries == null ? workDirectoryOrDefault().resolve("postgres") : postgresBinaries;
    }

    String postgresUserOrDefault() {
        return postgresUser == null ? "longshore-postgres" : postgresUser;
    }

    Duration stopWithinOrDefault() {
        return stopWithin == null ? Duration.ofSeconds(20) : stopWithin;
    }
}
