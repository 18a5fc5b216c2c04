package io.longshore.image.registry;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.ImageReference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The registry by which images come to other nodes.
 *
 * @param address host and port, perhaps with the beginning of repositories' names: {@code registry.example:5000/fleet}; none by default
 * @param username as whom it is asked; nobody by default
 * @param passwordFile with the user's password, for root alone
 */
@ConfigurationProperties(prefix = "image.system-registry", ignoreUnknownFields = false)
public record SystemRegistryProperties(
        @Nullable String address,
        @Nullable String username,
        @Nullable Path passwordFile) {
    public SystemRegistryProperties {
        address = address == null || address.isBlank() ? null : address.strip();
        username = username == null || username.isEmpty() ? null : username;
        if (address != null) {
            requireAddress(address);
        }
        if ((username == null) != (passwordFile == null)) {
            throw new IllegalArgumentException(
                    "image.system-registry: username and password-file belong together, one of them is missing");
        }
        if (passwordFile != null && !passwordFile.isAbsolute()) {
            throw new IllegalArgumentException(
                    "image.system-registry.password-file: \"" + passwordFile + "\" is not an absolute path");
        }
    }

    private static void requireAddress(String address) {
        String host = address.split("/", 2)[0];
        boolean named;
        try {
            ImageReference name = ImageReference.parse(address + "/longshore");
            // Without a dot or a port in it the first word would be a repository of docker.io.
            named = name.domain().equals(host) && name.tag() == null && name.digest() == null;
        } catch (Failure e) {
            named = false;
        }
        if (!named) {
            throw new IllegalArgumentException("image.system-registry.address: \"" + address
                    + "\" is not HOST:PORT or HOST:PORT/PREFIX in lower case, such as registry.example:5000/fleet");
        }
    }
}
