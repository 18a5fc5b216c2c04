package io.longshore.platform.stream;

import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a connection from Tomcat for as long as a stream lasts. The stream runs inside {@link #init}, on the request's virtual thread:
 * Tomcat's own {@code WebConnection} cannot be closed from another thread, and shows a half-close as an exception. So the channel leaves
 * Tomcat's poller and is read and written directly; afterwards Tomcat closes what is left. Tomcat makes one by its public constructor.
 */
public final class TakeOver implements InternalHttpUpgradeHandler {
    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
    /** How long the poller may take to let go of the channel; microseconds are usual. */
    private static final long DETACH_NANOS = 5_000_000_000L;
    /** Looks before it sleeps between them. */
    private static final int YIELDS = 100;

    private @Nullable SocketWrapperBase<?> wrapper;
    private @Nullable Stream stream;
    private Runnable abandoned = () -> {};

    /** What runs on the connection. */
    interface Stream {
        void run(Wire wire);
    }

    /** Set by {@link StreamResponse} between Tomcat's construction and {@link #init}. */
    void stream(Runnable cleanup, Stream next) {
        abandoned = cleanup;
        stream = next;
    }

    @Override
    public void setSocketWrapper(SocketWrapperBase<?> socket) {
        wrapper = socket;
    }

    @Override
    public void init(WebConnection connection) {
        if (stream == null || !(wrapper instanceof NioEndpoint.NioSocketWrapper socket)) {
            throw new IllegalStateException("a take-over without a stream or a socket");
        }
        Wire wire;
        try {
            wire = detach(socket);
        } catch (ClosedChannelException e) {
            LOG.debug("the client went away before its stream began");
            abandoned.run();
            return;
        } catch (IOException | RuntimeException e) {
            LOG.warn("a connection could not be taken over", e);
            abandoned.run();
            return;
        }
        stream.run(wire);
    }

    private static Wire detach(NioEndpoint.NioSocketWrapper socket) throws IOException {
        socket.flush(true);
        NioChannel nio = socket.getSocket();
        SocketChannel channel = nio.getIOChannel();
        SelectionKey key = channel.keyFor(socket.getPoller().getSelector());
        if (key != null) {
            awaitPoller(socket);
            key.cancel();
            socket.getPoller().getSelector().wakeup();
            await(() -> !channel.isRegistered());
        }
        ByteBuffer ahead = readAhead(socket.getSocketBufferHandler());
        Carrier carrier = nio instanceof SecureNioChannel tls ? new TlsServerCarrier(tls) : new Carrier.Plain(channel);
        channel.configureBlocking(true);
        return new Wire(channel, carrier, ahead);
    }

    /**
     * Waits until the poller has finished with the event that brought the request: it looks at the key once more after it has handed the
     * request over, and closes the connection of a key that was cancelled. What says so goes through the poller's queue and touches no
     * key: an interest would make the poller turn without a pause, since to the kernel a connected socket is ready for all but reading;
     * and the poller writes to a key after whatever another thread could see of it.
     */
    private static void awaitPoller(NioEndpoint.NioSocketWrapper socket) throws IOException {
        Passed passed = new Passed();
        socket.getPoller().add(passed, 0);
        await(passed::known);
    }

    /** An event of no connection: the poller closes it when its turn has come, and does no more. */
    private static final class Passed extends NioEndpoint.NioSocketWrapper {
        private static final NioEndpoint NONE = new NioEndpoint();
        private static final SocketBufferHandler NO_BUFFERS = new SocketBufferHandler(0, 0, false);

        private volatile boolean known;

        Passed() {
            super(new NioChannel(NO_BUFFERS), NONE);
        }

        boolean known() {
            return known;
        }

        @Override
        public void close() {
            known = true;
        }
    }

    @SuppressWarnings(
            "ThreadPriorityCheck") // the yields are only there to be quick: correctness rests on the loop after them
    private static void await(BooleanSupplier condition) throws IOException {
        // The poller answers within some tens of microseconds, sooner than a timer would wake this thread.
        for (int i = 0; i < YIELDS && !condition.getAsBoolean(); i++) {
            Thread.yield();
        }
        long limit = System.nanoTime() + DETACH_NANOS;
        for (long pause = 5_000; !condition.getAsBoolean(); pause = Math.min(2 * pause, 1_000_000)) {
            if (System.nanoTime() > limit) {
                throw new IOException("the server did not let go of a connection within 5 s");
            }
            LockSupport.parkNanos(pause);
        }
    }

    /** What Tomcat read beyond the request: the first bytes of the stream. */
    private static ByteBuffer readAhead(SocketBufferHandler buffers) {
        buffers.configureReadBufferForRead();
        ByteBuffer source = buffers.getReadBuffer();
        ByteBuffer copy = ByteBuffer.allocate(source.remaining());
        copy.put(source).flip();
        return copy;
    }

    @Override
    public SocketState upgradeDispatch(SocketEvent event) {
        return SocketState.CLOSED;
    }

    @Override
    public void setSslSupport(SSLSupport ssl) {
        // Who the peer is has been looked at before.
    }

    @Override
    public void timeoutAsync(long now) {
        // Streams have no time limit of Tomcat's.
    }

    @Override
    public void pause() {
        // A stop cuts the streams: see LiveStreams.
    }

    @Override
    public void destroy() {
        // Nothing is left.
    }
}
