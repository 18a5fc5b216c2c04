package io.longshore.platform.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** How the bytes of a connection travel: as they are, or by TLS. One reader and one writer at a time; who closes the channel unblocks both. */
interface Carrier {
    /** Waits for at least one byte; -1 at the end of the peer's direction. */
    int read(byte[] buffer, int offset, int length) throws IOException;

    /** Writes all of them. */
    void write(ByteBuffer... buffers) throws IOException;

    /** Ends our direction. From any thread, once. */
    void end() throws IOException;

    /** As they are. */
    record Plain(SocketChannel channel) implements Carrier {
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return channel.read(ByteBuffer.wrap(buffer, offset, length));
        }

        @Override
        public void write(ByteBuffer... buffers) throws IOException {
            for (ByteBuffer buffer : buffers) {
                while (buffer.hasRemaining()) {
                    channel.write(buffers); // all that are left, in one call
                }
            }
        }

        @Override
        public void end() throws IOException {
            channel.shutdownOutput();
        }
    }
}
