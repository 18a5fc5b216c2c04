package io.longshore.fleet;

import io.longshore.contracts.fleet.Heartbeat;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What this replica knows of one node: what that says of itself, and when it was last heard, by this replica or another. Thread-safe. */
final class Sighting {
    private static final int UNKNOWN = -1;

    private final ReentrantLock writing = new ReentrantLock();
    private volatile @Nullable Heartbeat heartbeat;
    private volatile Instant joined = Instant.EPOCH;
    private volatile Instant heardHere = Instant.EPOCH;
    private volatile Instant heardElsewhere = Instant.EPOCH;
    /** Up to when the other replicas know of what was heard here. */
    private volatile Instant told = Instant.EPOCH;

    // What the row has, as far as is known here: with the lock.
    private @Nullable Heartbeat written;
    private int version = UNKNOWN;
    private long writtenNanos;

    /** Who holds it writes the node's row, or takes what was read of it. */
    ReentrantLock writing() {
        return writing;
    }

    /** What the node last said; null before its row was first written. */
    @Nullable
    Heartbeat heartbeat() {
        return heartbeat;
    }

    Instant joined() {
        return joined;
    }

    /** The last sign of life, by this replica's clock. */
    Instant at() {
        Instant here = heardHere;
        Instant elsewhere = heardElsewhere;
        return here.isAfter(elsewhere) ? here : elsewhere;
    }

    /** Heard by this replica, and told to no other yet; null for nothing new. */
    @Nullable
    Instant untold() {
        Instant here = heardHere;
        return here.isAfter(told) ? here : null;
    }

    void told(Instant upTo) {
        told = upTo;
    }

    void heard(Instant at) {
        heardHere = at;
    }

    void heardElsewhere(Instant at) {
        if (at.isAfter(heardElsewhere)) {
            heardElsewhere = at;
        }
    }

    /** Whether the row says something else, as far as is known. With the lock. */
    boolean isNews(Heartbeat said) {
        return !said.equals(written);
    }

    /** This replica has written the row. With the lock. */
    void wrote(Heartbeat said, Instant first) {
        heartbeat = said;
        written = said;
        joined = first;
        version = UNKNOWN; // the next reading says
        writtenNanos = System.nanoTime();
    }

    /** Whether a reading that found this version has something new. */
    boolean isBehind(int found) {
        if (!writing.tryLock()) {
            return true;
        }
        try {
            return version != found;
        } finally {
            writing.unlock();
        }
    }

    /** Takes a row that was read from {@code begun} on (nanoTime), unless it was or is being written meanwhile: then the next reading has it. */
    void learn(NodeRow row, long begun) {
        if (!writing.tryLock()) {
            return;
        }
        try {
            if (version == UNKNOWN && written != null && writtenNanos - begun > 0) {
                return;
            }
            heartbeat = row.heartbeat();
            written = heartbeat;
            joined = row.joined();
            version = row.version();
        } finally {
            writing.unlock();
        }
    }

    /** Whether a reading that began then and has no row of it means that the node is not of the fleet any more. */
    boolean isGone(long begun) {
        if (!writing.tryLock()) {
            return false;
        }
        try {
            return written != null && writtenNanos - begun < 0;
        } finally {
            writing.unlock();
        }
    }
}
