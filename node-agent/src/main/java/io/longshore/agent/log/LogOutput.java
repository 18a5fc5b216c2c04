package io.longshore.agent.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Writes entries as Docker streams them: with a terminal the bytes as they are, else frames of an 8-byte head (1 or 2 for stdout or
 * stderr, three zeros, the length big-endian) and the payload. Gathers up to 32 KiB before it writes, so that a long log does not cost a
 * system call per line. For one thread.
 */
final class LogOutput {
    private static final int BUFFER = 32 * 1024;
    /** Go's RFC3339NanoFixed in UTC: always nine digits. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z' ").withZone(ZoneOffset.UTC);

    private final OutputStream out;
    private final boolean raw;
    private final boolean timestamps;
    private final boolean details;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    /** By stream: whether its next entry goes on with a line, which has its time and details already. */
    private final boolean[] within = new boolean[2];

    LogOutput(OutputStream out, boolean raw, boolean timestamps, boolean details) {
        this.out = out;
        this.raw = raw;
        this.timestamps = timestamps;
        this.details = details;
    }

    void write(LogEntry entry) throws IOException {
        int stream = entry.stderr() ? 1 : 0;
        byte[] head = within[stream] ? new byte[0] : head(entry);
        within[stream] = !entry.endsLine();
        if (!raw) {
            put(ByteBuffer.allocate(8)
                    .put((byte) (stream + 1))
                    .position(4)
                    .putInt(head.length + entry.bytes().length)
                    .array());
        }
        put(head);
        put(entry.bytes());
    }

    /** What stands before a line; of Docker's details it is the space alone that a line without any gets. */
    private byte[] head(LogEntry entry) {
        String head = (timestamps ? TIME.format(entry.time()) : "") + (details ? entry.details() + " " : "");
        return head.getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends what has been gathered. */
    void flush() throws IOException {
        if (buffer.position() > 0) {
            out.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
    }

    private void put(byte[] bytes) throws IOException {
        if (bytes.length > buffer.remaining()) {
            flush();
        }
        if (bytes.length > buffer.capacity()) {
            out.write(bytes);
        } else {
            buffer.put(bytes);
        }
    }
}
