package io.longshore.contracts.stream;

import java.io.Closeable;
import java.io.InputStream;

/**
 * Bytes in one direction, from the part that made the stream to the one that holds it. Reading blocks a virtual thread, not
 * more. {@link #close()} before the end cancels the stream, and the sender sees that as a failed write. For one reader.
 */
public interface ByteStream extends Closeable {
    /** The bytes; an {@link java.io.IOException} if the sender failed before the end, so that a cut stream is never taken for a whole one. */
    InputStream input();

    /** Releases the connection. Idempotent, safe from any thread; unblocks a reader. */
    @Override
    void close();
}
