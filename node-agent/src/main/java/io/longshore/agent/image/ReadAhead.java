package io.longshore.agent.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream ahead on a thread of its own: so a layer's bytes are decompressed while those before them are written to files, and a layer
 * takes as long as the slower of the two. For one reader. Closing it ends the thread, and then closes the stream.
 */
final class ReadAhead extends InputStream {
    private static final int BUFFER = 256 << 10;
    /** Enough that neither waits for the other at each file; 2 MiB in all. */
    private static final int BUFFERS = 8;

    /** A buffer with what is in it; -1 is the end, whose reason may be a failure. */
    private static final class Chunk {
        final byte[] bytes;
        final int length;
        final @Nullable Exception failure;

        Chunk(byte[] bytes, int length, @Nullable Exception failure) {
            this.bytes = bytes;
            this.length = length;
            this.failure = failure;
        }
    }

    private static final byte[] NOTHING = new byte[0];

    private final InputStream source;
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BUFFERS);
    private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final Thread reader;
    private @Nullable Chunk current;
    private int at;

    /** Begins at once. */
    ReadAhead(InputStream source) {
        this.source = source;
        for (int i = 0; i < BUFFERS; i++) {
            free.add(NOTHING);
        }
        // A platform thread: it computes, and would keep a carrier from the others.
        this.reader = Thread.ofPlatform().daemon().name("read-ahead").start(this::readAll);
    }

    private void readAll() {
        try {
            boolean more = true;
            while (more) {
                byte[] buffer = free.take();
                byte[] bytes = buffer.length == 0 ? new byte[BUFFER] : buffer;
                int length = source.readNBytes(bytes, 0, BUFFER);
                more = length == BUFFER;
                full.put(new Chunk(bytes, length, null));
            }
            full.put(new Chunk(NOTHING, -1, null));
        } catch (InterruptedException e) {
            // Nobody wants the rest.
        } catch (IOException | RuntimeException e) {
            // There is room for it: it is in the place of a buffer that was taken.
            full.add(new Chunk(NOTHING, -1, e));
        } catch (Error e) {
            // Who waits for the next buffer must hear of that, too: of a heap that a decoder's window does not fit
            // into.
            full.add(new Chunk(NOTHING, -1, new IOException("cannot read a layer: " + e, e)));
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        Chunk chunk = chunk();
        if (chunk.failure instanceof IOException e) {
            throw e;
        }
        if (chunk.failure instanceof RuntimeException e) {
            throw e;
        }
        if (chunk.length < 0) {
            return -1;
        }
        int count = Math.min(length, chunk.length - at);
        System.arraycopy(chunk.bytes, at, buffer, offset, count);
        at += count;
        return count;
    }

    /** One with something in it, or the last one. */
    private Chunk chunk() throws IOException {
        Chunk chunk = current;
        try {
            while (chunk == null || (chunk.length >= 0 && at == chunk.length)) {
                if (chunk != null) {
                    free.put(chunk.bytes);
                }
                chunk = full.take();
                at = 0;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a layer was being read");
        }
        current = chunk;
        return chunk;
    }

    @Override
    public void close() throws IOException {
        reader.interrupt();
        try {
            // It looks at its interruption whenever it waits, for bytes or for room.
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            source.close();
        }
    }
}
