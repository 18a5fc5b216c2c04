package io.longshore.platform.stream;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads the chunked transfer coding (RFC 9112, 7.1); fails when the connection ends before the final chunk. Trailers are dropped. */
final class ChunkedInput extends InputStream {
    /** Longest line of a chunk's head or a trailer, and at most as many trailers. */
    private static final int LONGEST_LINE = 4096;

    private final Wire wire;
    private static final int LEAST_BUFFER = 4 * 1024;
    private static final int MOST_BUFFER = 128 * 1024;

    private byte[] buffer = new byte[LEAST_BUFFER];
    private int at;
    private int end;
    private long left;
    private boolean first = true;
    private boolean done;

    ChunkedInput(Wire wire) {
        this.wire = wire;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** What there is, also of several chunks, so that a stream that is passed on in chunks falls into no smaller ones on its way. */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int count = 0;
        while (count < length && !done && (count == 0 || anotherIsHere())) {
            if (left == 0) {
                nextChunk();
            } else {
                count += part(target, offset + count, length - count);
            }
        }
        return count == 0 ? -1 : count;
    }

    private int part(byte[] target, int offset, int length) throws IOException {
        if (at == end) {
            fill();
        }
        int count = (int) Math.min(Math.min(length, left), end - at);
        System.arraycopy(buffer, at, target, offset, count);
        at += count;
        left -= count;
        return count;
    }

    /** Whether there is more that is no end and can be read without waiting: of this chunk, or the whole head of the next one. */
    private boolean anotherIsHere() {
        if (left > 0) {
            return at < end;
        }
        int head = at + 2; // after the line break of the last one's data
        if (head >= end || buffer[head] == '0') {
            return false;
        }
        for (int i = head; i < end; i++) {
            if (buffer[i] == '\n') {
                return true;
            }
        }
        return false;
    }

    /** Reads more, twice as much when the last time there was as much as there was room for. */
    private void fill() throws IOException {
        if (end == buffer.length && buffer.length < MOST_BUFFER) {
            buffer = new byte[2 * buffer.length];
        }
        at = 0;
        end = Math.max(0, wire.read(buffer, 0, buffer.length));
        if (end == 0) {
            throw cut();
        }
    }

    @Override
    public int available() {
        return (int) Math.min(left, end - at);
    }

    private void nextChunk() throws IOException {
        if (!first && !line().isEmpty()) {
            throw new IOException("malformed chunk: no line break after its data");
        }
        first = false;
        String head = line();
        int extension = head.indexOf(';');
        String size = (extension < 0 ? head : head.substring(0, extension)).strip();
        if (size.isEmpty() || size.length() > 15 || !size.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new IOException("malformed chunk: its size is \"" + size + "\"");
        }
        left = Long.parseLong(size, 16);
        if (left == 0) {
            done = true;
            for (int trailers = 0; !line().isEmpty(); trailers++) {
                if (trailers > LONGEST_LINE) {
                    throw new IOException("malformed chunk: too many trailers");
                }
            }
            wire.unread(buffer, at, end - at);
            at = end;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (at == end) {
                fill();
            }
            char next = (char) (buffer[at++] & 0xff);
            if (next == '\n') {
                int length = line.length();
                return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
            }
            if (line.length() >= LONGEST_LINE) {
                throw new IOException("malformed chunk: a line of more than " + LONGEST_LINE + " bytes");
            }
            line.append(next);
        }
    }

    private static EOFException cut() {
        return new EOFException("stream cut: the connection ended before the stream did");
    }
}
