package io.longshore.platform.run;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.identity.Identity;
import io.longshore.platform.identity.IdentityDirectory;
import io.longshore.platform.identity.Issuer;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.SigningRequest;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who this part is to others. From its directory if it has one, else asked for when it is first needed, with a key that is in memory alone.
 * {@link #renew} has another certificate when half of its time is over. Thread-safe.
 */
final class OwnIdentity implements Supplier<Identity> {
    private static final Logger LOG = LoggerFactory.getLogger(OwnIdentity.class);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(12);
    /** A certificate that is not renewed is good for days yet. */
    private static final Duration RENEWAL_PAUSE = Duration.ofMinutes(5);

    private final Source first;
    private final Source next;
    private final Clock clock;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile @Nullable Identity identity;
    /** Of the thread that renews. */
    private Instant nextTry = Instant.MIN;

    private OwnIdentity(Source first, Source next, Clock clock) {
        this.first = first;
        this.next = next;
        this.clock = clock;
    }

    /** Where an identity is from. */
    private interface Source {
        Identity get() throws IOException;
    }

    /** Of a part whose key is in memory alone. */
    static OwnIdentity asked(PartIdentity who, Supplier<Issuer> issuer, Clock clock) {
        Source asked = () -> {
            KeyPair keys = SigningRequest.keys();
            Issuer.Issued issued = issuer.get().issue(who, SigningRequest.text(keys));
            return Identity.of(keys.getPrivate(), issued.certificate(), issued.authority());
        };
        return new OwnIdentity(asked, asked, clock);
    }

    /** Of a part that has joined; {@link Failure.Unavailable} if what was kept cannot be read. */
    static OwnIdentity kept(IdentityDirectory directory, Supplier<Issuer> issuer, Clock clock) {
        Source renewed = () -> {
            Issuer.Issued issued = issuer.get().issue(directory.read().who(), directory.request());
            return directory.keep(issued.certificate(), issued.authority());
        };
        OwnIdentity own = new OwnIdentity(directory::read, renewed, clock);
        own.get();
        return own;
    }

    /** Waits for the first one only. */
    @Override
    public Identity get() {
        Identity now = identity;
        if (now != null) {
            return now;
        }
        awaitTurn();
        try {
            now = identity;
            if (now == null) {
                now = from(first);
                identity = now;
            }
            return now;
        } finally {
            asking.unlock();
        }
    }

    /** One asks, and the others wait, for no longer than the asking may take. */
    private void awaitTurn() {
        try {
            if (!asking.tryLock(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Failure.Unavailable("fleet-service has not answered who this part is yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted while fleet-service was asked who this part is", e);
        }
    }

    /** Asks for another certificate if it is time; a failure is logged. One thread calls this now and then. */
    void renew() {
        Identity now = identity;
        Instant at = clock.instant();
        if (now == null || at.isBefore(now.renewal()) || at.isBefore(nextTry)) {
            return;
        }
        nextTry = at.plus(RENEWAL_PAUSE);
        try {
            Identity renewed = from(next);
            identity = renewed;
            LOG.info("{} has another certificate, good until {}", renewed, end(renewed));
        } catch (RuntimeException e) {
            LOG.warn("{} has no other certificate yet, its own is good until {}: {}", now, end(now), e.getMessage());
        }
    }

    private static Instant end(Identity identity) {
        return identity.certificate().getNotAfter().toInstant();
    }

    private Identity from(Source source) {
        try {
            return source.get();
        } catch (IOException e) {
            throw new Failure.Unavailable("cannot keep a certificate: " + e, e);
        }
    }
}
