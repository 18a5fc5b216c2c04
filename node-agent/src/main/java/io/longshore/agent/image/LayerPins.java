package io.longshore.agent.image;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Keeps layers from being removed between the moment a load finds or makes them and the moment image-service has written that down: a
 * removal that was decided before must not take them. A pin ends when it is confirmed, or after {@link #GRACE}. Thread-safe.
 */
final class LayerPins {
    /** Longer than image-service waits for a busy layer; so short that what a service that died half-way left can soon be removed. */
    static final Duration GRACE = Duration.ofMinutes(5);
    /** Longest wait for the removal of a layer that is needed again. */
    private static final Duration REMOVAL = Duration.ofMinutes(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition removed = lock.newCondition();
    private final Map<Digest, List<Pin>> pins = new HashMap<>();
    /** Those that are being removed now: the lock is not held meanwhile. */
    private final Set<Digest> leaving = new HashSet<>();

    private final LongSupplier clock;

    LayerPins(LongSupplier nanoTime) {
        clock = nanoTime;
    }

    /** One operation's hold on one layer; guarded by the lock. */
    static final class Pin {
        private final Digest chainId;
        private boolean underWay = true;
        private boolean shared;
        /** When it ends by {@code nanoTime}, once it is no longer under way. */
        private long end;

        private Pin(Digest chainId) {
            this.chainId = chainId;
        }
    }

    /** Pins a layer while work with it is going on. Waits for a removal of it that is going on. */
    Pin pin(Digest chainId) {
        lock.lock();
        try {
            awaitRemoval(chainId);
            List<Pin> of = pins.computeIfAbsent(chainId, none -> new ArrayList<>());
            Pin pin = new Pin(chainId);
            pin.shared = !of.isEmpty();
            of.forEach(other -> other.shared = true);
            of.add(pin);
            return pin;
        } finally {
            lock.unlock();
        }
    }

    private void awaitRemoval(Digest chainId) {
        long left = REMOVAL.toNanos();
        while (leaving.contains(chainId)) {
            try {
                left = removed.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                left = 0;
            }
            if (left <= 0) {
                throw new Failure.Unavailable("layer " + chainId + " is still being removed; try again");
            }
        }
    }

    /** The work was done: the pins last until they are confirmed, or for the grace. */
    void done(Collection<Pin> done) {
        locked(() -> done.forEach(pin -> {
            pin.underWay = false;
            pin.end = clock.getAsLong() + GRACE.toNanos();
        }));
    }

    /**
     * The work failed: the pins end. Those that nobody else has had on the same layer in the meantime are answered: what another operation
     * has found there may have been written down since, and is not this one's to undo.
     */
    List<Digest> failed(Collection<Pin> failed) {
        List<Digest> alone = new ArrayList<>();
        locked(() -> failed.forEach(pin -> {
            end(pin);
            if (!pin.shared) {
                alone.add(pin.chainId);
            }
        }));
        return alone;
    }

    /** Image-service has written the layers down: one finished pin of each ends. */
    void confirm(Collection<Digest> chainIds) {
        locked(() -> chainIds.forEach(chainId -> pins.getOrDefault(chainId, List.of()).stream()
                .filter(pin -> !pin.underWay)
                .findFirst()
                .ifPresent(this::end)));
    }

    private void end(Pin pin) {
        List<Pin> of = pins.get(pin.chainId);
        if (of != null && of.remove(pin) && of.isEmpty()) {
            pins.remove(pin.chainId);
        }
    }

    /** Those of the layers that are neither pinned nor being removed. */
    Set<Digest> free(Collection<Digest> chainIds) {
        Set<Digest> free = new HashSet<>();
        locked(() -> chainIds.stream()
                .filter(chainId -> !isPinned(chainId) && !leaving.contains(chainId))
                .forEach(free::add));
        return free;
    }

    private boolean isPinned(Digest chainId) {
        long now = clock.getAsLong();
        List<Pin> of = pins.get(chainId);
        if (of == null) {
            return false;
        }
        of.removeIf(pin -> !pin.underWay && pin.end - now < 0);
        if (of.isEmpty()) {
            pins.remove(chainId);
        }
        return !of.isEmpty();
    }

    /** Removes a layer that is not pinned, so that nobody can pin it meanwhile; {@code CONFLICT} when it is pinned or leaving already. */
    void remove(Digest chainId, Runnable removal) {
        locked(() -> {
            if (isPinned(chainId)) {
                throw new Failure.Conflict("layer " + chainId + " is being loaded");
            }
            if (!leaving.add(chainId)) {
                throw new Failure.Conflict("layer " + chainId + " is being removed already");
            }
        });
        try {
            removal.run();
        } finally {
            locked(() -> {
                leaving.remove(chainId);
                removed.signalAll();
            });
        }
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
