package io.longshore.platform.run;

import io.longshore.platform.client.Address;
import io.longshore.platform.identity.PartIdentity;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where each part listens: {@code unix:/path} or {@code https://host:port}. Left out, a part has the socket {@code services/PART.sock}
 * in the run directory.
 */
@ConfigurationProperties(prefix = "services", ignoreUnknownFields = false)
public record ServiceAddresses(
        @Nullable String access,
        @Nullable String fleet,
        @Nullable String image,
        @Nullable String container,
        @Nullable String volume,
        @Nullable String network,
        @Nullable String agent) {
    /** The part's address. */
    public Address of(Part part, RunProperties run) {
        String configured = switch (part) {
            case GATEWAY -> null;
            case ACCESS -> access;
            case FLEET -> fleet;
            case IMAGE -> image;
            case CONTAINER -> container;
            case VOLUME -> volume;
            case NETWORK -> network;
            case AGENT -> agent;
        };
        return configured == null
                ? new Address.Unix(defaultSocket(part, run))
                : Address.parse(configured).expecting(new PartIdentity.Service(part.id()));
    }

    /** Of the part itself: it has one also where others speak to it by TLS. */
    Path socket(Part part, RunProperties run) {
        return of(part, run) instanceof Address.Unix unix ? unix.path() : defaultSocket(part, run);
    }

    private static Path defaultSocket(Part part, RunProperties run) {
        return run.directoryOrDefault().resolve("services").resolve(part.id() + ".sock");
    }
}
