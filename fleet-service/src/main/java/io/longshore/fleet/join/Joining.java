package io.longshore.fleet.join;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.contracts.fleet.JoinRequest;
import io.longshore.contracts.fleet.JoinToken;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.identity.CertificateAnswer;
import io.longshore.fleet.authority.Authority;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.SigningRequest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Lets machines in. Thread-safe. */
@Component
class Joining {
    /** RFC 1123, 2.1. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

    private static final int ID_BYTES = 6;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final JoinStore store;
    private final Authority authority;
    private final Certificates certificates;
    private final TransactionTemplate transactions;
    private final Clock clock;

    Joining(
            JoinStore store,
            Authority authority,
            Certificates certificates,
            TransactionTemplate transactions,
            Clock clock) {
        this.store = store;
        this.authority = authority;
        this.certificates = certificates;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** See {@code JoinApi.join}. */
    JoinAnswer join(JoinRequest request) {
        CertificateAuthority vouches = authority.required();
        JoinToken token = JoinToken.parse(request.token());
        if (!token.fingerprint().equals(vouches.fingerprint())) {
            throw new Failure.Unauthenticated(token + " is of another fleet");
        }
        if (!HOST.matcher(request.name()).matches()) {
            throw new Failure.Invalid(
                    "invalid name of a node: want a host name of 1 to 253 letters, digits, dots and hyphens");
        }
        PublicKey key = SigningRequest.parse(request.request()).key();
        Instant now = clock.instant();
        return Objects.requireNonNull(transactions.execute(status -> {
            NodeId node = admitted(token, request, Digest.of(key.getEncoded()), now);
            CertificateAnswer issued = certificates.issue(new PartIdentity.Node(node), key, now);
            return new JoinAnswer(node, issued.certificate(), issued.authority());
        }));
    }

    /** In a transaction. */
    private NodeId admitted(JoinToken token, JoinRequest request, Digest key, Instant now) {
        String name = request.name();
        JoinTokenRow row = store.locked(token.id())
                .filter(found -> found.hash().equals(token.hash()))
                .orElseThrow(() -> new Failure.Unauthenticated(
                        token + " is not known: it was removed, has expired long ago, or was never given out"));
        JoinStore.Identity earlier = store.byKey(key).orElse(null);
        if (earlier != null) {
            if (earlier.token().equals(row.id()) && earlier.name().equals(name)) {
                return earlier.id();
            }
            throw new Failure.Conflict("node " + earlier.name() + " (" + earlier.id()
                    + ") has joined with this key already: a machine makes a key of its own");
        }
        if (!row.expires().isAfter(now)) {
            throw new Failure.Unauthenticated(
                    token + " has expired at " + row.expires() + ": \"POST /api/v1/join-tokens\" makes another");
        }
        if (row.usesLeft() != null && row.usesLeft() == 0) {
            throw new Failure.Unauthenticated(token + " is used up: \"POST /api/v1/join-tokens\" makes another");
        }
        store.lockName(name);
        NodeId node = random();
        if (!store.insert(new JoinStore.Identity(node, name, row.id()), key, now)) {
            throw new Failure.Conflict(
                    "a node named " + name + " has joined already: remove it, or give this machine another host name");
        }
        NodeSpec.Availability availability = request.availability();
        if (availability != null && availability != NodeSpec.DEFAULT.availability()) {
            store.want(node, availability, now);
        }
        store.use(row.id());
        return node;
    }

    private static NodeId random() {
        byte[] bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        return new NodeId(HexFormat.of().formatHex(bytes));
    }
}
