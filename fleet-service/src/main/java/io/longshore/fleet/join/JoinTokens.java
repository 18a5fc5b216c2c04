package io.longshore.fleet.join;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.JoinToken;
import io.longshore.fleet.authority.Authority;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The tokens that let machines in. Thread-safe. */
@Component
class JoinTokens {
    private static final Duration SHORTEST = Duration.ofSeconds(60);
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final int MOST_USES = 10_000;
    /** They are listed whole. */
    private static final int MOST = 1_000;
    /** A machine that did not hear that it was let in asks again. */
    private static final Duration KEPT = Duration.ofDays(1);

    private final JoinStore store;
    private final Authority authority;
    private final TransactionTemplate transactions;
    private final Clock clock;

    JoinTokens(JoinStore store, Authority authority, TransactionTemplate transactions, Clock clock) {
        this.store = store;
        this.authority = authority;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** A new token with its secret, which nobody is told again. */
    record Made(JoinToken token, JoinTokenRow row) {}

    /**
     * Makes one.
     *
     * @param lifetime how long it lets anybody in
     * @param uses how many machines it lets in; null for any number
     */
    Made make(Caller caller, Duration lifetime, @Nullable Integer uses) {
        if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
            throw new Failure.Invalid("expiresInSeconds: " + lifetime.toSeconds() + " is not between "
                    + SHORTEST.toSeconds() + " and " + LONGEST.toSeconds());
        }
        if (uses != null && (uses < 1 || uses > MOST_USES)) {
            throw new Failure.Invalid("uses: " + uses + " is not between 1 and " + MOST_USES);
        }
        JoinToken token = JoinToken.random(authority.required().fingerprint());
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        JoinTokenRow row =
                new JoinTokenRow(token.id(), token.hash(), now, caller.principal(), now.plus(lifetime), uses);
        transactions.executeWithoutResult(status -> {
            store.deleteExpiredTokens(now.minus(KEPT));
            if (store.tokens(now).size() >= MOST) {
                throw new Failure.Conflict("there are " + MOST + " join tokens already: remove one before");
            }
            store.insert(row);
        });
        return new Made(token, row);
    }

    /** Those that have not expired, the oldest first. */
    List<JoinTokenRow> list() {
        return store.tokens(clock.instant());
    }

    /** From now on it lets nobody in; who was let in stays. {@link Failure.NotFound}. */
    void remove(String id) {
        if (!store.delete(id)) {
            throw new Failure.NotFound("no such join token: " + id);
        }
    }
}
