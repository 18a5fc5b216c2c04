package io.longshore.platform.client;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the replicas of a part listen. All calls of this process go to one of them, which others prefer or do not, as it falls; to the next where
 * that cannot be reached. A request that a replica may have begun is not sent to another one, unless it {@link Connections.Again may be}.
 * One that was not reached is left alone for {@value #REST_SECONDS} s, then one call tries it. Thread-safe.
 */
public final class Replicas {
    /** How long a replica that was not reached is left alone, in seconds. */
    static final int REST_SECONDS = 5;

    private static final int MOST = 16;
    /** To a machine that is away nothing is refused. */
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** The same while there are others to try: three of these are shorter than most deadlines. */
    private static final Duration CONNECT_OF_SEVERAL = Duration.ofSeconds(2);

    private static final long REST_NANOS = REST_SECONDS * 1_000_000_000L;
    /** Which ones a process prefers. */
    private static final int OWN = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    private final List<Address> addresses;
    /** By address: until when it is left alone (nanoTime), 0 for one that is not. Null where there is but one. */
    private final @Nullable AtomicLongArray rests;

    private final LongSupplier nanoTime;

    private Replicas(List<Address> addresses) {
        this(addresses, System::nanoTime);
    }

    /** By another clock. */
    Replicas(List<Address> addresses, LongSupplier nanoTime) {
        this.addresses = addresses;
        this.nanoTime = nanoTime;
        this.rests = addresses.size() == 1 ? null : new AtomicLongArray(addresses.size());
    }

    /** A part that is at one place. */
    public static Replicas of(Address one) {
        return new Replicas(List.of(one));
    }

    /** A part that is at several; {@link Failure.Invalid} for none, one that is there twice, or more than 16. */
    public static Replicas of(List<Address> all) {
        if (all.isEmpty() || all.size() > MOST || all.stream().distinct().count() < all.size()) {
            throw new Failure.Invalid(
                    "addresses of replicas: want 1 to " + MOST + " that differ, and these are " + text(all));
        }
        return new Replicas(List.copyOf(all));
    }

    /** As it is configured: one address, or several with commas between them; {@link Failure.Invalid}. */
    public static Replicas parse(String text) {
        return of(Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(Address::parse)
                .toList());
    }

    /** A request to one replica. */
    @FunctionalInterface
    public interface Attempt<T> {
        /**
         * Sends it.
         *
         * @param connect how long it may take to be connected
         * @throws NotReached when nothing was sent
         */
        T at(Address address, Duration connect) throws IOException;
    }

    /** All of them, in the order in which they were given. */
    public List<Address> addresses() {
        return addresses;
    }

    /**
     * Has a request sent to a replica, and to another one where that was not reached.
     *
     * @throws NotReached when none was
     * @throws IOException what the attempt failed with
     */
    public <T> T call(Attempt<T> attempt) throws IOException {
        AtomicLongArray resting = rests;
        return resting == null ? attempt.at(addresses.getFirst(), CONNECT) : call(attempt, resting);
    }

    private <T> T call(Attempt<T> attempt, AtomicLongArray resting) throws IOException {
        boolean[] tried = new boolean[addresses.size()];
        StringBuilder reasons = new StringBuilder();
        for (int left = tried.length; ; left--) {
            int at = next(tried, resting);
            tried[at] = true;
            boolean answered = true;
            try {
                return attempt.at(addresses.get(at), left == 1 ? CONNECT : CONNECT_OF_SEVERAL);
            } catch (SocketTimeoutException e) {
                // It may have begun, so that nobody else is asked the same; what comes next is asked of another one.
                answered = false;
                resting.set(at, restFromNow());
                throw e;
            } catch (NotReached | Unanswered e) {
                answered = false;
                resting.set(at, restFromNow());
                if (e instanceof Unanswered sent && !sent.mayGoAgain()) {
                    throw e;
                }
                reasons.append(reasons.isEmpty() ? "" : "; ")
                        .append(addresses.get(at))
                        .append(": ")
                        .append(e.getMessage());
                if (left == 1) {
                    throw NotReached.all(reasons.toString(), e);
                }
            } finally {
                if (answered && resting.get(at) != 0) {
                    resting.set(at, 0);
                }
            }
        }
    }

    /** The preferred one first, and those that rest when no other is left: that all were away is no reason not to ask. */
    private int next(boolean[] tried, AtomicLongArray resting) {
        int count = tried.length;
        int last = -1;
        for (int i = 0; i < count; i++) {
            int at = (OWN % count + i) % count;
            if (tried[at]) {
                continue;
            }
            long until = resting.get(at);
            // Of those who come after its rest one tries; it rests for the others meanwhile.
            if (until == 0 || (nanoTime.getAsLong() - until >= 0 && resting.compareAndSet(at, until, restFromNow()))) {
                return at;
            }
            last = last < 0 ? at : last;
        }
        return last;
    }

    private long restFromNow() {
        long until = nanoTime.getAsLong() + REST_NANOS;
        return until == 0 ? 1 : until;
    }

    /** As in {@code A}, or {@code A and B}. */
    @Override
    public String toString() {
        return text(addresses);
    }

    private static String text(List<Address> addresses) {
        return addresses.stream().map(Address::toString).collect(Collectors.joining(" and "));
    }
}
