package io.longshore.contracts.stream;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Bytes in both directions on one connection: attach, exec. Each direction ends by itself; after {@link #shutdownOutput()}
 * the other direction goes on until the peer ends it. One reader and one writer may work at the same time.
 */
public interface Duplex extends ByteStream {
    /** What is written here is on its way at once: there is no buffer to flush. */
    OutputStream output();

    /** Ends this side's direction: the peer reads to the end and may go on sending. Idempotent. */
    void shutdownOutput() throws IOException;

    /**
     * Whether there is no connection any more: the peer has closed it, or this side has. A peer that has only ended its direction still
     * listens. Does not wait. False where nobody can know.
     */
    default boolean hasGone() {
        return false;
    }

    /** Breaks the connection at once: the peer sees a failure, not an end. Idempotent, safe from any thread. */
    void reset();
}
