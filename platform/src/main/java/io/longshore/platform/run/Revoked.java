package io.longshore.platform.run;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.identity.CertificateApi;
import io.longshore.platform.telemetry.Trace;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which certificates are revoked, as fleet-service said when it was last asked. While it is away what was known stays so: a certificate that is
 * revoked meanwhile is believed until it answers again, or the certificate expires. Thread-safe.
 */
final class Revoked {
    static final Duration ASK_EVERY = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Revoked.class);
    private static final int HEXADECIMAL = 16;

    private final Supplier<CertificateApi> fleet;
    private volatile Set<String> serials = Set.of();
    private boolean away;

    Revoked(Supplier<CertificateApi> fleet) {
        this.fleet = fleet;
    }

    boolean contains(X509Certificate certificate) {
        return serials.contains(certificate.getSerialNumber().toString(HEXADECIMAL));
    }

    /** One thread calls this now and then. */
    void ask() {
        try {
            Caller caller = new Caller("longshore", "default", Instant.now().plus(ASK_EVERY), Trace.newId());
            serials = Set.copyOf(fleet.get().revoked(caller));
            away = false;
        } catch (Failure e) {
            if (!away) {
                LOG.warn("which certificates are revoked is not known for now: {}", e.text());
            }
            away = true;
        }
    }
}
