package io.longshore.platform.stream;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A body whose length was announced (RFC 9112, 6.2); fails when the connection ends before. */
final class SizedInput extends InputStream {
    private final Wire wire;
    private long left;

    SizedInput(Wire wire, long length) {
        this.wire = wire;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int count = wire.read(target, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException("stream cut: the connection ended " + left + " bytes before the stream did");
        }
        left -= count;
        return count;
    }
}
