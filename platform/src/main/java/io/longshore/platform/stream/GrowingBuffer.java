package io.longshore.platform.stream;

import java.io.IOException;
import java.io.InputStream;

/**
 * What is between a read and a write: small while little comes at a time, as with most attached clients, and twice as large after each
 * read that filled it, to a bound. Not thread-safe.
 */
public final class GrowingBuffer {
    private static final int LEAST = 4 * 1024;
    /** Beyond this fewer and larger calls no longer make a stream faster (measured; twelve of them per busy client of {@code exec -i}). */
    private static final int MOST = 128 * 1024;

    private byte[] bytes = new byte[LEAST];
    private boolean filled;

    /** What the last read gave, from the beginning. */
    public byte[] bytes() {
        return bytes;
    }

    /** Reads what there is; the number of bytes, -1 at the end. */
    public int read(InputStream from) throws IOException {
        if (filled && bytes.length < MOST) {
            bytes = new byte[2 * bytes.length];
        }
        int count = from.read(bytes);
        filled = count == bytes.length;
        return count;
    }
}
