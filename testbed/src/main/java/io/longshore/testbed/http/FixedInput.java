package io.longshore.testbed.http;

import java.io.IOException;
import java.io.InputStream;

/** A body of known length, or to the end of the connection. */
final class FixedInput extends InputStream {
    private final UnixHttp connection;
    private long left;

    FixedInput(UnixHttp connection, long length) {
        this.connection = connection;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (left == 0 || length == 0) {
            return left == 0 ? -1 : 0;
        }
        int n = connection.read(into, from, (int) Math.min(length, left));
        left = n < 0 ? 0 : left - n;
        return n;
    }
}
