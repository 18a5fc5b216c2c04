package io.longshore.testbed.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A body in chunks (RFC 9112 section 7.1). A connection that ends before the last chunk is an error, not an end. */
final class ChunkedInput extends InputStream {
    private final UnixHttp connection;
    private long left;
    private boolean ended;

    ChunkedInput(UnixHttp connection) {
        this.connection = connection;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended || length == 0) {
            return ended ? -1 : 0;
        }
        int n = connection.read(into, from, (int) Math.min(length, left));
        if (n < 0) {
            throw new EOFException("the connection ended " + left + " bytes before the end of a chunk");
        }
        left -= n;
        if (left == 0) {
            connection.line();
        }
        return n;
    }

    private void nextChunk() throws IOException {
        String size = connection.line();
        left = Long.parseLong(size.split(";", 2)[0].trim(), 16);
        if (left == 0) {
            ended = true;
            while (!connection.line().isEmpty()) {
                // trailers
            }
        }
    }
}
