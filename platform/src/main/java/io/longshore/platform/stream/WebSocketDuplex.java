package io.longshore.platform.stream;

import io.longshore.contracts.stream.Duplex;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The server's side of a web socket (RFC 6455) as a stream of bytes: what the client's messages carry, of whatever kind, comes in one after
 * the other; each write goes out as one binary message. A message is never held as a whole, so it may have any length. A web
 * socket has no half-close: when the client says goodbye it has gone, and reading fails.
 */
final class WebSocketDuplex implements Duplex {
    private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int LONGEST_CONTROL = 125;
    private static final int NORMAL = 1000;
    private static final int PROTOCOL_ERROR = 1002;

    private final Wire wire;
    private final InputStream input = new Messages();
    private final OutputStream output = new Out();
    private boolean closed;

    WebSocketDuplex(Wire wire) {
        this.wire = wire;
    }

    /** {@code Sec-WebSocket-Accept} for a client's {@code Sec-WebSocket-Key} (RFC 6455, 4.2.2). */
    static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1")
                    .digest((key.strip() + KEY_SUFFIX).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    /** Says goodbye; the client answers and closes. */
    @Override
    public void shutdownOutput() throws IOException {
        sendClose(NORMAL);
        wire.shutdownOutput();
    }

    /** What the client was told last, a goodbye, it is given the time to read. */
    @Override
    public void reset() {
        if (saidGoodbye()) {
            wire.closeOrderly();
        } else {
            wire.reset();
        }
    }

    @Override
    public boolean hasGone() {
        return wire.hasGone(false);
    }

    private synchronized boolean saidGoodbye() {
        return closed;
    }

    @Override
    public void close() {
        wire.close();
    }

    private synchronized void sendClose(int code) throws IOException {
        if (!closed) {
            send(CLOSE, new byte[] {(byte) (code >> 8), (byte) code}, 0, 2);
            closed = true;
        }
    }

    /** One whole message, or nothing after our goodbye. */
    private synchronized void send(int kind, byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            return;
        }
        ByteBuffer head = ByteBuffer.allocate(10).put((byte) (0x80 | kind));
        if (length <= LONGEST_CONTROL) {
            head.put((byte) length);
        } else if (length < 1 << 16) {
            head.put((byte) 126).putShort((short) length);
        } else {
            head.put((byte) 127).putLong(length);
        }
        wire.write(head.flip(), ByteBuffer.wrap(bytes, offset, length));
    }

    private final class Out extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) {
                send(BINARY, bytes, offset, length);
            }
        }
    }

    /** The client's messages. */
    private final class Messages extends InputStream {
        private final byte[] mask = new byte[4];
        private long left;
        private int masked;
        private boolean over;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (left == 0 && !over) {
                next();
            }
            if (over) {
                return -1;
            }
            int count = wire.read(into, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw new EOFException("the client's connection ended within a message");
            }
            unmask(into, offset, count);
            left -= count;
            return count;
        }

        private void unmask(byte[] bytes, int offset, int count) {
            for (int i = offset; i < offset + count; i++) {
                bytes[i] ^= mask[masked++ & 3];
            }
        }

        private void next() throws IOException {
            byte[] head = new byte[2];
            if (wire.read(head, 0, 1) < 0) {
                throw new EOFException("the client's connection ended without a goodbye");
            }
            readFully(head, 1, 1);
            int kind = head[0] & 0x0f;
            boolean control = kind >= CLOSE;
            long length = length(head[1] & 0x7f);
            boolean known = kind <= BINARY || kind == CLOSE || kind == PING || kind == PONG;
            boolean whole = (head[0] & 0x80) != 0;
            // Extensions were not agreed on, a client must mask, and a control message is short and whole.
            if ((head[0] & 0x70) != 0
                    || (head[1] & 0x80) == 0
                    || !known
                    || length < 0
                    || (control && (length > LONGEST_CONTROL || !whole))) {
                sendClose(PROTOCOL_ERROR);
                throw new IOException("the client does not keep to the web socket protocol");
            }
            readFully(mask, 0, 4);
            masked = 0;
            switch (kind) {
                case CONTINUATION, TEXT, BINARY -> left = length;
                default -> control(kind, (int) length);
            }
        }

        private long length(int first) throws IOException {
            if (first < 126) {
                return first;
            }
            byte[] bytes = new byte[first == 126 ? 2 : 8];
            readFully(bytes, 0, bytes.length);
            ByteBuffer number = ByteBuffer.wrap(bytes);
            return bytes.length == 2 ? number.getShort() & 0xffff : number.getLong();
        }

        private void control(int kind, int length) throws IOException {
            byte[] payload = new byte[length];
            readFully(payload, 0, length);
            unmask(payload, 0, length);
            if (kind == PING) {
                send(PONG, payload, 0, length);
            } else if (kind == CLOSE) {
                over = saidGoodbye();
                if (!over) {
                    sendClose(NORMAL);
                    throw new EOFException("the client has closed the web socket");
                }
            }
        }

        private void readFully(byte[] into, int offset, int length) throws IOException {
            for (int done = 0; done < length; ) {
                int count = wire.read(into, offset + done, length - done);
                if (count < 0) {
                    throw new EOFException("the client's connection ended within a message");
                }
                done += count;
            }
        }
    }
}
