package io.longshore.platform.data;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where a service finds PostgreSQL. Each service logs in as a role of its own that owns only its schema. In the standalone form all
 * of this is set by Longshore itself.
 *
 * @param url {@code jdbc:postgresql://host:port/database}; with the driver's properties {@code socketFactory} and
 *     {@code socketFactoryArg} a server on a unix socket
 * @param user the service's role
 * @param password of the role
 * @param events how long events are kept
 */
@ConfigurationProperties(prefix = "database", ignoreUnknownFields = false)
public record DatabaseProperties(
        @Nullable String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable Events events) {
    private static final String PREFIX = "jdbc:postgresql://";

    public DatabaseProperties {
        if (url != null && !url.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                    "database.url: \"" + url + "\" is not of the form jdbc:postgresql://host:port/database");
        }
    }

    /** The address in effect. */
    public String requiredUrl() {
        return required("url", url);
    }

    /** The role in effect. */
    public String requiredUser() {
        return required("user", user);
    }

    /** The password in effect. */
    public String requiredPassword() {
        return required("password", password);
    }

    /** How long events are kept. */
    public Events eventsOrDefault() {
        return events == null ? new Events(null, null) : events;
    }

    @Override
    public String toString() {
        return "DatabaseProperties[url=" + url + ", user=" + user + "]";
    }

    private static String required(String key, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("database." + key + " is missing: set it in the configuration file or as"
                    + " LONGSHORE_DATABASE_" + key.toUpperCase(java.util.Locale.ROOT));
        }
        return value;
    }

    /**
     * How long a service keeps its events: whichever of the two is reached first.
     *
     * @param maxAge 7 days by default, at least a minute
     * @param maxRows 100,000 by default, at least 1,000
     */
    public record Events(
            @Nullable Duration maxAge, @Nullable Long maxRows) {
        private static final Duration MAX_AGE = Duration.ofDays(7);
        private static final long MAX_ROWS = 100_000;
        private static final long FEWEST_ROWS = 1_000;

        public Events {
            if (maxAge != null && maxAge.compareTo(Duration.ofMinutes(1)) < 0) {
                throw new IllegalArgumentException("database.events.max-age: " + maxAge + " is less than a minute");
            }
            if (maxRows != null && maxRows < FEWEST_ROWS) {
                throw new IllegalArgumentException(
                        "database.events.max-rows: " + maxRows + " is less than " + FEWEST_ROWS);
            }
        }

        /** The age in effect. */
        public Duration maxAgeOrDefault() {
            return maxAge == null ? MAX_AGE : maxAge;
        }

        /** The number in effect. */
        public long maxRowsOrDefault() {
            return maxRows == null ? MAX_ROWS : maxRows;
        }
    }
}
