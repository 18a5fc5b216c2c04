package io.longshore.fleet.authority;

import io.longshore.contracts.error.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The certificate authority that is configured, if one is. Immutable. */
@Component
public final class Authority {
    private final @Nullable CertificateAuthority authority;
    private final Duration lifetime;

    Authority(AuthorityProperties properties) {
        authority = properties.certificateFile() == null || properties.keyFile() == null
                ? null
                : CertificateAuthority.read(properties.certificateFile(), properties.keyFile());
        lifetime = properties.lifetimeOrDefault();
    }

    /** It; {@link Failure.Unavailable} says what to do where there is none. */
    public CertificateAuthority required() {
        if (authority == null) {
            throw new Failure.Unavailable("no machine can join this fleet: set fleet.authority.certificate-file and"
                    + " fleet.authority.key-file, the same for every fleet-service, and start them again");
        }
        return authority;
    }

    /** Of the certificates that it issues. */
    public Duration lifetime() {
        return lifetime;
    }
}
