package io.longshore.platform.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.apache.tomcat.util.net.SecureNioChannel;

/**
 * The server's end of a connection by TLS that Tomcat has accepted. The channel blocks, which Tomcat's own use of it never sees. When the peer
 * wants new keys, the reader answers beside the writer, which one of JSSE's does after 137 GB.
 */
final class TlsServerCarrier implements Carrier {
    /**
     * What Tomcat's channel has read of the network at once is no longer than this, so that nothing that could be read is left in it when
     * it is asked to wait for more. A record of TLS has 16 KiB and some (RFC 8446, 5.2).
     */
    private static final int READ_AHEAD = 32 * 1024;

    private final SecureNioChannel tls;
    private final SocketChannel channel;
    private final ReentrantLock writing = new ReentrantLock();
    private final ByteBuffer plain = ByteBuffer.allocate(READ_AHEAD).flip();

    /** Takes it while it does not block yet. */
    TlsServerCarrier(SecureNioChannel tls) throws IOException {
        this.tls = tls;
        this.channel = tls.getIOChannel();
        fill();
    }

    /** One read of the network at most. */
    private int fill() throws IOException {
        plain.clear();
        try {
            return tls.read(plain);
        } catch (SSLException e) {
            throw e; // not what the peer has sent
        } catch (IOException e) {
            if (tls.getSslEngine().isInboundDone()) {
                return -1; // close_notify, which Tomcat takes for a failure
            }
            throw e;
        } finally {
            plain.flip();
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (!plain.hasRemaining()) { // a part of a record is none yet
            if (fill() < 0) {
                return -1;
            }
        }
        int count = Math.min(length, plain.remaining());
        plain.get(buffer, offset, count);
        return count;
    }

    @Override
    public void write(ByteBuffer... buffers) throws IOException {
        writing.lock();
        try {
            for (ByteBuffer buffer : buffers) {
                while (buffer.hasRemaining()) {
                    tls.write(buffer);
                }
            }
            // Of the last record some may be left: on a virtual thread a channel takes what there is room for.
            while (tls.getOutboundRemaining() > 0) {
                tls.flushOutbound();
            }
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void end() throws IOException {
        // A writer that is stuck would keep us from saying so by TLS: then its connection ends below it.
        if (writing.tryLock()) {
            try {
                SSLEngine engine = tls.getSslEngine();
                engine.closeOutbound();
                ByteBuffer last = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
                engine.wrap(ByteBuffer.allocate(0), last);
                new Plain(channel).write(last.flip());
            } finally {
                writing.unlock();
            }
        }
        channel.shutdownOutput();
    }
}
