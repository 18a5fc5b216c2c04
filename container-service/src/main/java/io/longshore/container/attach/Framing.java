package io.longshore.container.attach;

import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A client's stream with output that has frames or none, whatever the process's has. Frames are those of the Engine API, ContainerAttach. */
public final class Framing implements Duplex {
    private static final int HEAD = 8;
    private static final byte STDOUT = 1;

    private final Duplex client;
    private final OutputStream output;

    private Framing(Duplex client, OutputStream output) {
        this.client = client;
        this.output = output;
    }

    /** What is written here has frames; the client gets their payload, both outputs in one. */
    public static Duplex taken(Duplex client) {
        return new Framing(client, new Payload(client.output()));
    }

    /** What is written here has no frames; each piece is one of standard output to the client. */
    public static Duplex added(Duplex client) {
        return new Framing(client, new Frames(client.output()));
    }

    /** One frame of standard output. */
    public static byte[] frame(byte[] bytes, int offset, int length) {
        return ByteBuffer.allocate(HEAD + length)
                .put(0, STDOUT)
                .putInt(HEAD - Integer.BYTES, length)
                .put(HEAD, bytes, offset, length)
                .array();
    }

    private static final class Frames extends OutputStream {
        private final OutputStream to;

        Frames(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            to.write(frame(bytes, offset, length));
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }
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
                        left = ByteBuffer.wrap(head).getInt(HEAD - Integer.BYTES);
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
    public boolean hasGone() {
        return client.hasGone();
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
