package io.longshore.postgres.socket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a unix socket whose every wait has a limit. The channel never blocks: who must wait does so in a selector, which
 * knows deadlines and on which a virtual thread parks. One thread may read while another writes; {@link #close} from any thread ends
 * both, and leaves no descriptor. Whether an interrupt ends a wait is said when it is opened. Limits are in milliseconds, 0 is none.
 */
final class UnixConnection implements AutoCloseable {
    /** What is copied at most for one call of the kernel. */
    static final int CHUNK = 1 << 16;

    private static final long FULL_QUEUE_MILLIS = 5;

    private final SocketChannel channel;
    private final boolean interruptible;
    private final Object waits = new Object();
    private @Nullable Selector readable;
    private @Nullable Selector writable;

    private UnixConnection(SocketChannel channel, boolean interruptible) {
        this.channel = channel;
        this.interruptible = interruptible;
    }

    /** @param interruptible whether an interrupt ends a wait, with {@link InterruptedIOException} */
    static UnixConnection open(Path path, int limit, boolean interruptible) throws IOException {
        long began = System.nanoTime();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.configureBlocking(false);
                if (channel.connect(address)) {
                    return new UnixConnection(channel, interruptible);
                }
                channel.close();
            } catch (IOException e) {
                channel.close();
                if (!queueIsFull(path, e)) {
                    SocketException failed = new SocketException("cannot connect to " + path + ": " + e.getMessage());
                    failed.initCause(e);
                    throw failed;
                }
            }
            if (limit != 0 && remaining(began, limit) == 0) {
                throw new SocketTimeoutException(path + " accepts no connection within " + limit + " ms");
            }
            pause(path);
        }
    }

    /**
     * Whether to ask again: unlike TCP, the kernel keeps no place in a full queue (EAGAIN). The number of the error is not to be had; but
     * a missing or forbidden socket is neither, and one on which nobody listens has an exception of its own.
     */
    private static boolean queueIsFull(Path path, IOException failed) {
        return !(failed instanceof ConnectException) && Files.isWritable(path);
    }

    private static void pause(Path path) throws InterruptedIOException {
        try {
            Thread.sleep(FULL_QUEUE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while connecting to " + path);
        }
    }

    /** As {@code InputStream.read}; after a {@link SocketTimeoutException} the connection is as before. */
    int read(byte[] buffer, int offset, int length, int limit) throws IOException {
        ByteBuffer into = ByteBuffer.wrap(buffer, offset, Math.min(length, CHUNK));
        long began = System.nanoTime();
        try {
            int count = channel.read(into);
            while (count == 0 && length > 0) {
                await(SelectionKey.OP_READ, began, limit);
                count = channel.read(into);
            }
            return count;
        } catch (ClosedChannelException | ClosedSelectorException e) {
            throw closed(e);
        }
    }

    /** Writes all of it; each wait for room has the limit. */
    void write(byte[] buffer, int offset, int length, int limit) throws IOException {
        int end = offset + length;
        try {
            for (int at = offset; at < end; ) {
                int count = channel.write(ByteBuffer.wrap(buffer, at, Math.min(end - at, CHUNK)));
                if (count == 0) {
                    await(SelectionKey.OP_WRITE, System.nanoTime(), limit);
                }
                at += count;
            }
        } catch (ClosedChannelException | ClosedSelectorException e) {
            throw closed(e);
        }
    }

    private void await(int operation, long began, int limit) throws IOException {
        Selector selector = selector(operation);
        boolean interrupted = false;
        try {
            while (true) {
                long remaining = limit == 0 ? 0 : remaining(began, limit);
                if (limit != 0 && remaining == 0) {
                    throw new SocketTimeoutException(
                            (operation == SelectionKey.OP_READ ? "nothing came" : "nothing was taken") + " within "
                                    + limit + " ms");
                }
                int ready = selector.select(remaining);
                selector.selectedKeys().clear();
                if (ready > 0) {
                    return;
                }
                // Left set, it would turn the selector into a busy loop.
                interrupted |= Thread.interrupted();
                if (interrupted && interruptible) {
                    throw new InterruptedIOException("interrupted while waiting for a unix socket");
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Opened with the first wait, which most connections never have for writing. */
    private Selector selector(int operation) throws IOException {
        synchronized (waits) {
            Selector selector = operation == SelectionKey.OP_READ ? readable : writable;
            if (!channel.isOpen()) {
                throw new ClosedChannelException();
            }
            if (selector == null) {
                selector = channel.provider().openSelector();
                if (operation == SelectionKey.OP_READ) {
                    readable = selector;
                } else {
                    writable = selector;
                }
                channel.register(selector, operation);
            }
            return selector;
        }
    }

    private static long remaining(long began, int limit) {
        return Math.max(0, limit - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }

    private static SocketException closed(Exception cause) {
        SocketException closed = new SocketException("Socket closed");
        closed.initCause(cause);
        return closed;
    }

    @Override
    public void close() throws IOException {
        // A closed channel keeps its descriptor until it is in no selector any more; closing these also wakes who
        // waits.
        synchronized (waits) {
            channel.close();
            try (Selector _ = readable;
                    Selector _ = writable) {
                readable = null;
                writable = null;
            }
        }
    }
}
