package io.longshore.platform.stream;

import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Carries bytes from one stream to another, at once and with no more in between than one buffer: who reads slowly slows the writer. */
public final class Relay {
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
     * Connects two streams until the far one ends: its end ends the work, for then there is nothing more to hear. The near one's end is
     * passed on as a half-close. A failure on either side resets both. Closes the far one.
     *
     * @param near where the request came from
     * @param far where it went
     * @throws IOException when either side failed
     */
    public static void join(Duplex near, Duplex far) throws IOException {
        Thread.ofVirtual().name("relay-input").start(() -> {
            try {
                copy(near.input(), far.output());
                far.shutdownOutput();
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
            far.close();
        }
        // The other direction ends by itself: its next write fails, or the near side closes after the end of our
        // output.
    }
}
