package io.longshore.platform.run;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Replicas;
import io.longshore.platform.identity.PartIdentity;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where each part listens: {@code unix:/path} or {@code https://host:port}; several with commas between them where it has replicas. Left out, a
 * part has the socket {@code services/PART.sock} in the run directory.
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
    /** The part's addresses; {@link Failure.Invalid} says what is wrong with them. */
    public Replicas of(Part part, RunProperties run) {
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
        if (configured == null) {
            return Replicas.of(new Address.Unix(defaultSocket(part, run)));
        }
        List<Address> addresses = Replicas.parse(configured).addresses();
        if (part == Part.AGENT && addresses.size() > 1) {
            throw new Failure.Invalid("services.agent: a node has one agent, and these are " + addresses.size());
        }
        return Replicas.of(addresses.stream()
                .map(address -> address.expecting(new PartIdentity.Service(part.id())))
                .toList());
    }

    /** Of the part itself: its first one, or one that it has though others speak to it by TLS. */
    Path socket(Part part, RunProperties run) {
        for (Address address : of(part, run).addresses()) {
            if (address instanceof Address.Unix unix) {
                return unix.path();
            }
        }
        return defaultSocket(part, run);
    }

    private static Path defaultSocket(Part part, RunProperties run) {
        return run.directoryOrDefault().resolve("services").resolve(part.id() + ".sock");
    }
}
