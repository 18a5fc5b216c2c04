package io.longshore.platform.stream;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;

/** The client's end of a connection by TLS. */
final class TlsClientCarrier implements Carrier {
    private final SocketChannel channel;
    private final SSLSocket socket;
    private final ReentrantLock writing = new ReentrantLock();

    TlsClientCarrier(SocketChannel channel, SSLSocket socket) {
        this.channel = channel;
        this.socket = socket;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return socket.getInputStream().read(buffer, offset, length);
    }

    @Override
    public void write(ByteBuffer... buffers) throws IOException {
        writing.lock();
        try {
            OutputStream out = socket.getOutputStream();
            for (ByteBuffer buffer : buffers) {
                // The record is another array in any case.
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                out.write(bytes);
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
                socket.shutdownOutput();
            } finally {
                writing.unlock();
            }
        }
        channel.shutdownOutput();
    }
}
