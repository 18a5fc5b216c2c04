package io.longshore.image.registry;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What logins are kept with.
 *
 * @param keyFile by which they are sealed, see {@link SealingKey}; without one none are kept
 */
@ConfigurationProperties(prefix = "image.logins", ignoreUnknownFields = false)
public record LoginProperties(@Nullable Path keyFile) {
    public LoginProperties {
        if (keyFile != null && !keyFile.isAbsolute()) {
            throw new IllegalArgumentException("image.logins.key-file: \"" + keyFile + "\" is not an absolute path");
        }
    }
}
