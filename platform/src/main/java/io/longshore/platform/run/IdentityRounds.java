package io.longshore.platform.run;

import java.time.Duration;

/** Has a part's certificate renewed in time, and learns which ones of others are revoked. */
final class IdentityRounds extends Sweep {
    private static final Duration FIRST = Duration.ofSeconds(1);
    /** Of a part that nobody comes to from other machines. */
    private static final Duration RENEWALS_ALONE = Duration.ofMinutes(1);

    private final OwnIdentity own;
    private final Revoked revoked;
    private final boolean listens;

    /** @param listens whether others come from other machines */
    IdentityRounds(OwnIdentity own, Revoked revoked, boolean listens) {
        super("identity", FIRST, listens ? Revoked.ASK_EVERY : RENEWALS_ALONE);
        this.own = own;
        this.revoked = revoked;
        this.listens = listens;
    }

    @Override
    protected void turn() {
        own.renew();
        if (listens) {
            revoked.ask();
        }
    }
}
