package io.longshore.platform.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/**
 * One connection as bytes: a blocking channel, on which a virtual thread parks, and the bytes that were read ahead. One reader and one
 * writer may work at the same time; {@link #close} from any thread unblocks both.
 */
final class Wire {
    /** How long a peer that goes on sending is listened to after our end, so that closing does not destroy what it has yet to read. */
    private static final long DRAIN_MILLIS = 2_000;

    /**
     * Of a unix socket, whose writer waits until three quarters of this are taken; the kernel doubles it. With the usual 208 KiB in each of
     * the three connections to a client, one that reads two kilobytes a second seemed to take nothing for a minute. Nothing is gained by more.
     */
    private static final int SEND_BUFFER = 32 * 1024;

    /** Silence over TCP after which the kernel asks whether the peer is there: one whose process was killed says then that it is not. */
    private static final int KEEP_ALIVE_SECONDS = 60;

    private static final ScheduledExecutorService CLOCK = clock();

    private final SocketChannel channel;
    private final Carrier carrier;
    private ByteBuffer ahead;
    private boolean outputShut;

    Wire(SocketChannel channel, ByteBuffer ahead) {
        this(channel, new Carrier.Plain(channel), ahead);
    }

    /**
     * A connection.
     *
     * @param channel itself, which blocks
     * @param carrier of its bytes
     * @param ahead of those that were read already
     */
    Wire(SocketChannel channel, Carrier carrier, ByteBuffer ahead) {
        this.channel = channel;
        this.carrier = carrier;
        this.ahead = ahead;
        try {
            if (channel.getRemoteAddress() instanceof UnixDomainSocketAddress) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
            } else {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true); // people type into some
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_ALIVE_SECONDS);
                channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_ALIVE_SECONDS / 6);
            }
        } catch (IOException e) {
            // It is closed already, which its first use will say.
        }
    }

    private static ScheduledExecutorService clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("stream-clock").factory());
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    /** Closes the connection after this time, unless cancelled before; a reader then fails. */
    ScheduledFuture<?> closeAfter(long millis) {
        return CLOCK.schedule(this::close, millis, TimeUnit.MILLISECONDS);
    }

    int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (ahead.hasRemaining()) {
            int count = Math.min(length, ahead.remaining());
            ahead.get(buffer, offset, count);
            return count;
        }
        return carrier.read(buffer, offset, length);
    }

    /** Puts bytes back that were read too far. */
    void unread(byte[] buffer, int offset, int length) {
        ByteBuffer joined = ByteBuffer.allocate(length + ahead.remaining());
        joined.put(buffer, offset, length).put(ahead).flip();
        ahead = joined;
    }

    void write(ByteBuffer... buffers) throws IOException {
        carrier.write(buffers);
    }

    /** The bytes as they come; the end is the peer's half-close. */
    InputStream rawInput() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return Wire.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return Wire.this.read(buffer, offset, length);
            }
        };
    }

    /** Unbuffered output. */
    OutputStream rawOutput() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                if (length > 0) {
                    Wire.this.write(ByteBuffer.wrap(buffer, offset, length));
                }
            }
        };
    }

    synchronized void shutdownOutput() throws IOException {
        if (!outputShut && channel.isOpen()) {
            outputShut = true;
            carrier.end();
        }
    }

    /** Whether the peer, or this side, has closed the connection; {@code halfCloses} if a peer that has ended its direction still listens. */
    boolean hasGone(boolean halfCloses) {
        return !channel.isOpen() || HangUp.of(channel, halfCloses);
    }

    /** Ends our direction and waits a little for the peer to end its own: closing with unread input would reset the connection. */
    void closeOrderly() {
        ScheduledFuture<?> limit = closeAfter(DRAIN_MILLIS);
        try {
            shutdownOutput();
            byte[] rest = new byte[16 * 1024];
            while (read(rest, 0, rest.length) >= 0) {
                // what comes after the end is of no interest
            }
        } catch (IOException e) {
            // The peer has gone, which is what we waited for.
        } finally {
            limit.cancel(false);
            close();
        }
    }

    /** Closes at once; over TCP the peer sees a reset. */
    void reset() {
        try {
            if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException | UnsupportedOperationException e) {
            // Then it is an ordinary close.
        }
        close();
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing more can be done with it.
        }
    }
}
