package io.longshore.agent.linux.path;

import io.longshore.contracts.error.Failure;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the heap may be held by all that goes through containers' files at the same time: copies, exports, measurements. What they
 * have to remember (names to be sorted, files with several names, directories' times) grows with what containers made, without which the
 * agent has to go on. Estimates of the bytes, not the bytes. Thread-safe.
 */
public final class WalkMemory {
    /** Each walk has this in any case, so that small ones work beside large ones; pools bound how many there are. */
    private static final long FREE = 256 << 10;

    private final long total;
    private final long each;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param total bytes for all walks together, beyond a small amount that each has in any case
     * @param each bytes for one
     */
    public WalkMemory(long total, long each) {
        this.total = total;
        this.each = each;
    }

    /** A quarter of the heap, and half of that for one. */
    public static WalkMemory ofHeap() {
        long total = Runtime.getRuntime().maxMemory() / 4;
        return new WalkMemory(total, total / 2);
    }

    /** The part of one walk, which closes it at its end. */
    public Share share() {
        return new Share();
    }

    private boolean takeFromAll(long bytes) {
        if (taken.addAndGet(bytes) > total && bytes > 0) {
            taken.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** What one walk holds. For one thread. */
    public final class Share implements AutoCloseable {
        private long held;

        private Share() {}

        /** Whether there was so much left to be taken. */
        public boolean tryTake(long bytes) {
            if (held + bytes > Math.max(each, FREE) || !takeFromAll(common(held + bytes) - common(held))) {
                return false;
            }
            held += bytes;
            return true;
        }

        /**
         * Takes bytes.
         *
         * @param what needs them, as the refusal's first words: {@code the directories of the archive}
         * @throws Failure.Invalid if one walk may not hold so much
         * @throws Failure.Unavailable if others hold too much
         */
        public void take(long bytes, String what) {
            if (tryTake(bytes)) {
                return;
            }
            if (held + bytes > Math.max(each, FREE)) {
                throw new Failure.Invalid(what + " are too many to be remembered in the " + (each >> 10)
                        + " KiB that one request may take on this node; use several smaller requests");
            }
            throw new Failure.Unavailable("the node is busy: other copies hold the " + (total >> 10)
                    + " KiB that there are for " + what + "; try again later");
        }

        /** Gives back some of what was taken. */
        public void give(long bytes) {
            takeFromAll(common(held - bytes) - common(held));
            held -= bytes;
        }

        @Override
        public void close() {
            give(held);
        }
    }

    private static long common(long held) {
        return Math.max(0, held - FREE);
    }
}
