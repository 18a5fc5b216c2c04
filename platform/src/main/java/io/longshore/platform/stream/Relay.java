package io.longshore.platform.stream;

import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Carries bytes from one stream to another, at once and with no more in between than one buffer: who reads slowly slows the writer. */
public final class Relay {
    /** A look costs some microseconds, and a connection is kept in vain no longer than this. */
    public static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private Relay() {}

    /** Copies to the end, each read passed on at once. */
    public static void copy(InputStream from, OutputStream to) throws IOException {
        GrowingBuffer buffer = new GrowingBuffer();
        for (int count = buffer.read(from); count >= 0; count = buffer.read(from)) {
            to.write(buffer.bytes(), 0, count);
            to.flush();
        }
    }

    /**
     * Waits until a peer that says nothing more does not listen any more either, or until that is of no interest.
     *
     * @return whether it has gone
     */
    public static boolean awaitGone(Duplex peer, BooleanSupplier over) {
        while (!over.getAsBoolean()) {
            if (peer.hasGone()) {
                return true;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
        return false;
    }

    /**
     * Connects two streams until the far one ends: its end ends the work, for then there is nothing more to hear. The near one's end is
     * passed on as a half-close. A failure on either side resets both. Closes the far one.
     *
     * @param near where the request came from
     * @param far where it went
     * @throws IOException when either side failed
     */
    public static void join(Duplex near, Duplex far) throws IOException {
        AtomicBoolean over = new AtomicBoolean();
        Thread.ofVirtual().name("relay-input").start(() -> {
            try {
                copy(near.input(), far.output());
                far.shutdownOutput();
                if (awaitGone(near, over::get)) {
                    far.close(); // no reset: over TCP that would take back what was sent
                }
            } catch (IOException e) {
                far.reset();
            }
        });
        try {
            copy(far.input(), near.output());
        } catch (IOException e) {
            near.reset();
            throw e;
        } finally {
            over.set(true);
            far.close();
        }
        // The other direction ends by itself: its next write fails, or the near side closes after the end of our
        // output.
    }
}
