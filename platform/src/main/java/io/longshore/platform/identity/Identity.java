package io.longshore.platform.identity;

import io.longshore.contracts.error.Failure;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a part proves with who it is.
 *
 * @param who it is, as its certificate says
 * @param key its own
 * @param certificate for the key
 * @param authority who issued it, and all that this part believes
 */
public record Identity(PartIdentity who, PrivateKey key, X509Certificate certificate, X509Certificate authority) {
    /** Renewed when this part of a certificate's time is over: what fails has the rest of it to be mended. */
    private static final double RENEWED_AFTER = 0.5;

    /** From what fleet-service answered, PEM; {@link Failure.Invalid} says what cannot be read. */
    public static Identity of(PrivateKey key, String certificate, String authority) {
        X509Certificate own =
                Pem.certificates("the certificate of this part", certificate).getFirst();
        PartIdentity who = PartIdentity.of(own);
        if (!SigningRequest.isPair(own.getPublicKey(), key)) {
            throw new Failure.Invalid("the certificate for " + who.uri() + " is for another key");
        }
        return new Identity(
                who,
                key,
                own,
                Pem.certificates("the certificate of the fleet's authority", authority)
                        .getFirst());
    }

    /** When another certificate is to be asked for. */
    public Instant renewal() {
        Instant from = certificate.getNotBefore().toInstant();
        Duration lifetime = Duration.between(from, certificate.getNotAfter().toInstant());
        return from.plusMillis((long) (lifetime.toMillis() * RENEWED_AFTER));
    }

    /** The certificate and who issued it, as it is shown to others. */
    List<X509Certificate> chain() {
        return List.of(certificate, authority);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return who.uri();
    }
}
