package io.longshore.agent.linux;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many threads of a {@link NativePool} one container may have, so that one whose disk hangs or whose client is slow leaves the others
 * theirs. Who comes when all are taken waits, on a thread of its own; do so before taking the container's lock. Thread-safe.
 */
public final class Places {
    private final String name;
    private final int each;
    private final int waiting;
    private final ConcurrentHashMap<Object, Of> taken = new ConcurrentHashMap<>();

    /** The places of one key; gone when nobody has or wants one. */
    private static final class Of {
        final Semaphore free;
        int users;

        Of(int each) {
            free = new Semaphore(each, true);
        }
    }

    /**
     * @param name of what is done: {@code copy}
     * @param each places of one container
     * @param waiting how many more may wait for one of them; beyond that {@link #take} refuses at once
     */
    public Places(String name, int each, int waiting) {
        this.name = name;
        this.each = each;
        this.waiting = waiting;
    }

    /**
     * Waits for a place.
     *
     * @param key whose it is
     * @throws Failure.Unavailable if too many wait
     * @throws Failure.DeadlineExceeded if none becomes free in time
     */
    public Place take(Object key, Duration limit) {
        Of places = taken.compute(key, (same, known) -> {
            Of of = known == null ? new Of(each) : known;
            if (of.users >= each + waiting) {
                throw new Failure.Unavailable("the node is busy: " + waiting + " more " + name
                        + " operations on this container wait for their turn already; try again later");
            }
            of.users++;
            return of;
        });
        boolean got = false;
        try {
            got = places.free.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
            if (!got) {
                throw new Failure.DeadlineExceeded("deadline exceeded: " + each + " other " + name
                        + " operations on this container did not end in the time allowed for this request");
            }
            return new Place(key, places);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted while other " + name + " operations were waited for", e);
        } finally {
            if (!got) {
                forget(key);
            }
        }
    }

    private void forget(Object key) {
        taken.computeIfPresent(key, (same, places) -> --places.users == 0 ? null : places);
    }

    /** One place. It is free when it is closed and no work that keeps it goes on. */
    public final class Place implements AutoCloseable {
        private final Object key;
        private final Of places;
        /** Who closes it, and work. */
        private final AtomicInteger holders = new AtomicInteger(1);

        private Place(Object key, Of places) {
            this.key = key;
            this.places = places;
        }

        /** The work, which keeps the place until its end even when whoever waits for it gives up. */
        public <T> NativePool.Work<T> keeping(NativePool.Work<T> work) {
            return () -> {
                if (holders.getAndUpdate(holding -> holding == 0 ? 0 : holding + 1) == 0) {
                    throw new IOException("whoever wanted this has given up");
                }
                try {
                    return work.run();
                } finally {
                    close();
                }
            };
        }

        /** To be called once. */
        @Override
        public void close() {
            if (holders.decrementAndGet() == 0) {
                places.free.release();
                forget(key);
            }
        }
    }
}
