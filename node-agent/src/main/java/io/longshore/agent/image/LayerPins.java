package io.longshore.agent.image;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Keeps layers from being removed between the moment a load finds or makes them and the moment image-service has written that down: a
 * removal that was decided before must not take them. A pin ends when it is confirmed, or after {@link #GRACE}. Thread-safe.
 */
final class LayerPins {
    /** Far longer than a commit takes; so short that what a service that died half-way left can soon be removed. */
    static final Duration GRACE = Duration.ofMinutes(2);
    /** A pin of work that is still going on. */
    private static final long UNDER_WAY = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    /** When each pin ends, by {@code nanoTime}. */
    private final Map<Digest, List<Long>> pins = new HashMap<>();

    private final LongSupplier clock;

    LayerPins(LongSupplier nanoTime) {
        clock = nanoTime;
    }

    /** Pins a layer while work with it is going on. Waits for a removal of it that is going on. */
    void pin(Digest chainId) {
        locked(() -> pins.computeIfAbsent(chainId, none -> new ArrayList<>()).add(UNDER_WAY));
    }

    /** The work was done: the pins last until they are confirmed, or for the grace. */
    void done(Collection<Digest> chainIds) {
        locked(() -> chainIds.forEach(chainId -> {
            end(chainId, UNDER_WAY);
            pins.computeIfAbsent(chainId, none -> new ArrayList<>()).add(clock.getAsLong() + GRACE.toNanos());
        }));
    }

    /** The work failed: the pins end. */
    void failed(Collection<Digest> chainIds) {
        locked(() -> chainIds.forEach(chainId -> end(chainId, UNDER_WAY)));
    }

    /** Image-service has written the layers down: one finished pin of each ends. */
    void confirm(Collection<Digest> chainIds) {
        locked(() -> chainIds.forEach(chainId -> pins.getOrDefault(chainId, List.of()).stream()
                .filter(end -> end != UNDER_WAY)
                .findFirst()
                .ifPresent(end -> end(chainId, end))));
    }

    private void end(Digest chainId, long which) {
        List<Long> of = pins.get(chainId);
        if (of != null && of.remove((Object) which) && of.isEmpty()) {
            pins.remove(chainId);
        }
    }

    /** Removes a layer that is not pinned, so that nobody can pin it meanwhile; {@code CONFLICT} when it is pinned. */
    void remove(Digest chainId, Runnable removal) {
        locked(() -> {
            long now = clock.getAsLong();
            List<Long> of = pins.getOrDefault(chainId, new ArrayList<>());
            of.removeIf(end -> end != UNDER_WAY && end - now < 0);
            if (!of.isEmpty()) {
                throw new Failure.Conflict("layer " + chainId + " is being loaded");
            }
            pins.remove(chainId);
            removal.run();
        });
    }

    private void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }
}
