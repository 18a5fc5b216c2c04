package io.longshore.fleet.join;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.identity.CertificateAnswer;
import io.longshore.contracts.identity.CertificateRequest;
import io.longshore.fleet.authority.Authority;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.identity.Issuer;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.Pem;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.Part;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The certificates of nodes and services. fleet-service has its own from here. Thread-safe. */
@Component
class Certificates implements Issuer {
    private static final int HEXADECIMAL = 16;
    /** Clocks differ. */
    private static final Duration KEPT = Duration.ofDays(1);

    private final JoinStore store;
    private final Authority authority;
    private final TransactionTemplate transactions;
    private final Clock clock;

    Certificates(JoinStore store, Authority authority, TransactionTemplate transactions, Clock clock) {
        this.store = store;
        this.authority = authority;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** Issues one and notes it, in the caller's transaction if there is one. */
    CertificateAnswer issue(PartIdentity who, PublicKey key, Instant now) {
        CertificateAuthority vouches = authority.required();
        X509Certificate certificate = vouches.issue(who, key, now, authority.lifetime());
        store.deleteExpiredCertificates(now.minus(KEPT));
        store.insertCertificate(
                certificate.getSerialNumber().toString(HEXADECIMAL),
                who.uri(),
                certificate.getNotAfter().toInstant());
        return new CertificateAnswer(Pem.of(List.of(certificate)), Pem.of(List.of(vouches.certificate())));
    }

    /** See {@code CertificateApi.renew}. */
    CertificateAnswer renew(NodeId node, CertificateRequest request) {
        PublicKey key = SigningRequest.parse(request.request()).key();
        return Objects.requireNonNull(transactions.execute(status -> {
            Digest joinedWith = store.lockedKey(node)
                    .orElseThrow(() -> new Failure.NotFound(
                            "node " + node + " is not of this fleet: it was removed, or has never joined"));
            if (!joinedWith.equals(Digest.of(key.getEncoded()))) {
                throw new Failure.Forbidden("node " + node + " has joined with another key");
            }
            return issue(new PartIdentity.Node(node), key, clock.instant());
        }));
    }

    /** See {@code CertificateApi.service}. */
    CertificateAnswer service(String name, CertificateRequest request) {
        if (Arrays.stream(Part.values())
                .noneMatch(part -> part != Part.AGENT && part.id().equals(name))) {
            throw new Failure.NotFound("no such service: " + name);
        }
        PublicKey key = SigningRequest.parse(request.request()).key();
        return issue(new PartIdentity.Service(name), key, clock.instant());
    }

    /** See {@code CertificateApi.revoked}. */
    List<String> revoked() {
        return store.revoked(clock.instant());
    }

    /** Of fleet-service itself. */
    @Override
    public Issued issue(PartIdentity who, String request) {
        CertificateAnswer answer = issue(who, SigningRequest.parse(request).key(), clock.instant());
        return new Issued(answer.certificate(), answer.authority());
    }
}
