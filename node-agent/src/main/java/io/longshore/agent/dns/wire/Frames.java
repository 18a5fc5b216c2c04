package io.longshore.agent.dns.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Messages on a TCP connection, each after its length in two bytes (RFC 1035, 4.2.2). What has not come takes no memory. */
public final class Frames {
    private static final int PREFIX = 2;
    private static final int FIRST = 128;

    private final int largest;
    private byte[] bytes = new byte[PREFIX];
    private int have;

    /** @param largest message that is read */
    public Frames(int largest) {
        this.largest = largest;
    }

    /**
     * The next message.
     *
     * @param scratch any buffer
     * @return null if it has not come in full
     * @throws EOFException if the peer has ended
     */
    public byte @Nullable [] read(SocketChannel from, ByteBuffer scratch) throws IOException {
        while (true) {
            int wanted = have < PREFIX ? PREFIX : PREFIX + length();
            if (have >= PREFIX && have == wanted) {
                byte[] message = Arrays.copyOfRange(bytes, PREFIX, have);
                bytes = new byte[PREFIX];
                have = 0;
                return message;
            }
            int read = from.read(scratch.clear().limit(Math.min(scratch.capacity(), wanted - have)));
            if (read < 0) {
                throw new EOFException();
            }
            if (read == 0) {
                return null;
            }
            if (have + read > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(wanted, Math.max(FIRST, 2 * (have + read))));
            }
            scratch.flip().get(bytes, have, read);
            have += read;
        }
    }

    /** A message with its length before it, to be written. */
    public static ByteBuffer frame(byte[] message) {
        return ByteBuffer.allocate(PREFIX + message.length)
                .putShort((short) message.length)
                .put(message)
                .flip();
    }

    private int length() throws IOException {
        int length = (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
        if (length > largest) {
            throw new IOException("a message of " + length + " bytes");
        }
        return length;
    }
}
