package io.longshore.agent.files;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries a client's archive from the thread that listens to the client to the one that extracts it. That one holds what others wait for,
 * such as a stopped container's lock, so it waits for no client that sends next to nothing.
 */
final class BodyPipe implements AutoCloseable {
    /** A client that sends less than this in the time of a stall sends nothing: a quarter of an old modem's rate. */
    private static final int LEAST = 64 << 10;

    private static final int CHUNK = 64 << 10;
    private static final byte[] END = {};

    private final BlockingQueue<byte[]> chunks = new ArrayBlockingQueue<>(2);
    private final CompletableFuture<Void> wanted = new CompletableFuture<>();
    private final Duration stall;
    private final long deadline;
    private volatile boolean closed;
    private volatile @Nullable IOException broken;

    /**
     * @param stall how long the extraction may wait in all for the next 64 KiB
     * @param limit after which nothing more comes out: work on it ends by itself, and whoever waits for that need not give it up
     */
    BodyPipe(Duration stall, Duration limit) {
        this.stall = stall;
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    /**
     * Carries a body to its end, or until nobody wants more of it; begins when somebody wants it. A body that breaks off is told to the
     * reader. On the thread that the body belongs to.
     */
    void carry(InputStream body) throws InterruptedException {
        wanted.join();
        byte[] buffer = new byte[CHUNK];
        try {
            for (int n = closed ? -1 : body.read(buffer); n >= 0 && !closed; n = body.read(buffer)) {
                chunks.put(Arrays.copyOf(buffer, n));
            }
        } catch (IOException e) {
            broken = e;
        }
        // Of a reader that closed there is room for the last chunk and this, so it never waits for nobody.
        chunks.put(END);
    }

    /**
     * What arrives, for one thread.
     *
     * @return a stream that fails with {@link Failure.Invalid} when the client stalls, with {@code DeadlineExceeded} after the limit
     */
    InputStream input() {
        return new Input();
    }

    /** Nothing more is wanted. */
    @Override
    public void close() {
        closed = true;
        chunks.clear();
        wanted.complete(null);
    }

    private final class Input extends InputStream {
        private byte[] chunk = END;
        private int at;
        private boolean ended;
        private long waited;
        private long came;

        @Override
        public int read() throws IOException {
            return at < chunk.length || fill() ? chunk[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (at == chunk.length && !fill()) {
                return -1;
            }
            int count = Math.min(length, chunk.length - at);
            System.arraycopy(chunk, at, into, offset, count);
            at += count;
            return count;
        }

        private boolean fill() throws IOException {
            if (ended) {
                return false;
            }
            wanted.complete(null);
            chunk = next();
            at = 0;
            came += chunk.length;
            if (came >= LEAST) {
                came = 0;
                waited = 0;
            }
            ended = chunk.length == 0;
            IOException reason = broken;
            if (ended && reason != null) {
                throw new IOException("the client's archive broke off: " + reason.getMessage(), reason);
            }
            return !ended;
        }

        private byte[] next() throws IOException {
            long before = System.nanoTime();
            try {
                long left = deadline - before;
                byte[] next =
                        left <= 0 ? null : chunks.poll(Math.min(stall.toNanos() - waited, left), TimeUnit.NANOSECONDS);
                waited += System.nanoTime() - before;
                if (System.nanoTime() - deadline >= 0) {
                    throw new Failure.DeadlineExceeded(
                            "deadline exceeded: the archive did not come to its end in the time allowed for this request");
                }
                if (next == null) {
                    throw new Failure.Invalid("the archive came too slowly: less than " + (LEAST >> 10) + " KiB in "
                            + stall.toSeconds() + " s; send it again, from a file if what makes it is slow");
                }
                return next;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException)
                        new InterruptedIOException("interrupted while a client sent an archive").initCause(e);
            }
        }
    }
}
