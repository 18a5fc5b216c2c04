package io.longshore.platform.run;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Who a part is to parts on other machines.
 *
 * @param directory with what it was given when its machine joined the fleet: {@code identity.key}, {@code identity.crt} and
 *     {@code authority.crt}. A service beside its fleet-service needs none: it is asked through its socket
 */
@ConfigurationProperties(prefix = "identity", ignoreUnknownFields = false)
public record IdentityProperties(@Nullable Path directory) {
    public IdentityProperties {
        if (directory != null && !directory.isAbsolute()) {
            throw new IllegalArgumentException("identity.directory: \"" + directory + "\" is not an absolute path");
        }
    }
}
