package io.longshore.container.attach;

import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A client that gets the payload of an attach stream without its frames: both outputs in one. */
final class Unframed implements Duplex {
    private static final int HEAD = 8;

    private final Duplex client;
    private final OutputStream output;

    Unframed(Duplex client) {
        this.client = client;
        this.output = new Payload(client.output());
    }

    private static final class Payload extends OutputStream {
        private final OutputStream to;
        private final byte[] head = new byte[HEAD];
        private int have;
        private int left;

        Payload(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = offset, end = offset + length; at < end; ) {
                if (left > 0) {
                    int count = Math.min(left, end - at);
                    to.write(bytes, at, count);
                    left -= count;
                    at += count;
                } else {
                    head[have++] = bytes[at++];
                    if (have == HEAD) {
                        have = 0;
                        left = (head[4] & 0xff) << 24
                                | (head[5] & 0xff) << 16
                                | (head[6] & 0xff) << 8
                                | (head[7] & 0xff);
                    }
                }
            }
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }
    }

    @Override
    public InputStream input() {
        return client.input();
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void shutdownOutput() throws IOException {
        client.shutdownOutput();
    }

    @Override
    public void reset() {
        client.reset();
    }

    @Override
    public void close() {
        client.close();
    }
}
