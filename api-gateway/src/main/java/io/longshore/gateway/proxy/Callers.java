package io.longshore.gateway.proxy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.access.AccessApi;
import io.longshore.contracts.access.Credential;
import io.longshore.contracts.access.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Finds out who calls. Answers of access-service are kept for a few seconds; when it does not answer, nobody gets in. */
@Component
final class Callers {
    /** Project of the gateway's own question, which is about none. */
    private static final String NOBODY = "none";

    private static final Duration KEPT = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Different credentials kept at once. */
    private static final int MOST = 1_024;

    private record Known(Identity identity, Instant until) {}

    private final AccessApi access;
    private final Map<Credential, Known> known = new ConcurrentHashMap<>();

    Callers(AccessApi access) {
        this.access = access;
    }

    /** The caller of a request that came through the unix socket, whose permissions are the lock. */
    Caller ofSocket(String listener, String traceId, Duration limit) {
        Identity identity = identity(new Credential("socket", listener), traceId);
        return new Caller(
                identity.principal(), identity.project(), Instant.now().plus(limit), traceId);
    }

    private Identity identity(Credential credential, String traceId) {
        Instant now = Instant.now();
        Known kept = known.get(credential);
        if (kept != null && now.isBefore(kept.until)) {
            return kept.identity;
        }
        Identity identity = access.identify(new Caller("gateway", NOBODY, now.plus(LIMIT), traceId), credential);
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(credential, new Known(identity, now.plus(KEPT)));
        return identity;
    }
}
