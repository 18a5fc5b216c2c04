package io.longshore.image.registry;

import io.longshore.oci.ImageReference;
import org.jspecify.annotations.Nullable;

/**
 * A registry as clients write it: {@code registry.example:5000}, perhaps with a scheme and a path of old.
 *
 * @param domain as it stands in references
 */
public record RegistryAddress(String domain) {
    private static final String HUB = "docker.io";

    /** Nothing is docker.io. {@link io.longshore.contracts.error.Failure.Invalid} for what no reference could begin with. */
    static RegistryAddress parse(@Nullable String address) {
        String rest = address == null ? "" : address.replaceFirst("^https?://", "");
        String host = rest.replaceFirst("/.*$", "");
        if (host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            return new RegistryAddress(HUB);
        }
        boolean isDomain = host.indexOf('.') >= 0 || host.indexOf(':') >= 0 || host.equals("localhost");
        return new RegistryAddress(ImageReference.parse(isDomain ? host + "/name" : host + ":443/name")
                .domain());
    }

    @Override
    public String toString() {
        return domain;
    }
}
