package io.longshore.platform.stream;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The chunked transfer coding (RFC 9112, 7.1), each write one chunk, at once on its way. The final chunk says that the stream is whole,
 * so a connection that breaks is never taken for its end.
 */
final class ChunkedOutput extends OutputStream {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] FINAL = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Wire wire;
    private boolean ended;

    ChunkedOutput(Wire wire) {
        this.wire = wire;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] buffer, int offset, int length) throws IOException {
        if (ended) {
            throw new IOException("stream ended: nothing can be written after its end");
        }
        if (length > 0) {
            byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            wire.write(ByteBuffer.wrap(size), ByteBuffer.wrap(buffer, offset, length), ByteBuffer.wrap(CRLF));
        }
    }

    /** Ends the stream as whole. Idempotent. */
    synchronized void end() throws IOException {
        if (!ended) {
            ended = true;
            wire.write(ByteBuffer.wrap(FINAL));
        }
    }
}
