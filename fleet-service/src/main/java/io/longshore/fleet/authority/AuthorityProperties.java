package io.longshore.fleet.authority;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The fleet's certificate authority. Every replica of fleet-service has the same two files; without them no node can join.
 *
 * @param certificateFile its own certificate, PEM
 * @param keyFile its key, PEM, PKCS #8 and not encrypted, which nobody else may read
 * @param lifetime of the certificates that it issues; 30 days by default, one hour at least
 */
@ConfigurationProperties(prefix = "fleet.authority", ignoreUnknownFields = false)
public record AuthorityProperties(
        @Nullable Path certificateFile,
        @Nullable Path keyFile,
        @Nullable Duration lifetime) {
    private static final Duration LIFETIME = Duration.ofDays(30);
    private static final Duration SHORTEST = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(825);

    public AuthorityProperties {
        if ((certificateFile == null) != (keyFile == null)) {
            throw new IllegalArgumentException(
                    "fleet.authority: certificate-file and key-file belong together, and one of them is missing");
        }
        requireAbsolute("certificate-file", certificateFile);
        requireAbsolute("key-file", keyFile);
        if (lifetime != null && (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException(
                    "fleet.authority.lifetime: " + lifetime + " is not between " + SHORTEST + " and " + LONGEST);
        }
    }

    private static void requireAbsolute(String key, @Nullable Path file) {
        if (file != null && !file.isAbsolute()) {
            throw new IllegalArgumentException("fleet.authority." + key + ": \"" + file + "\" is not an absolute path");
        }
    }

    /** The lifetime in effect. */
    public Duration lifetimeOrDefault() {
        return lifetime == null ? LIFETIME : lifetime;
    }
}
