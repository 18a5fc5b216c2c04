package io.longshore.image.registry;

import io.longshore.oci.ImageReference;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A registry as clients write it, {@code registry.example:5000}, perhaps with a scheme and a path of old; or as references begin. One registry
 * is one address, whatever the letters' case and whichever of docker.io's names.
 *
 * @param domain in lower case
 */
record RegistryAddress(String domain) {
    private static final RegistryAddress HUB = new RegistryAddress("docker.io");

    /** Nothing is docker.io. {@link io.longshore.contracts.error.Failure.Invalid} for what no reference could begin with. */
    static RegistryAddress parse(@Nullable String address) {
        String rest = address == null ? "" : address.replaceFirst("^https?://", "");
        String host = rest.replaceFirst("/.*$", "").toLowerCase(Locale.ROOT);
        if (host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            return HUB;
        }
        boolean isDomain = host.indexOf('.') >= 0 || host.indexOf(':') >= 0 || host.equals("localhost");
        return new RegistryAddress(ImageReference.parse((isDomain ? host : host + ":443") + "/name")
                .domain());
    }

    @Override
    public String toString() {
        return domain;
    }
}
