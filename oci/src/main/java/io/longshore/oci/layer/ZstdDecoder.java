package io.longshore.oci.layer;

import io.airlift.compress.zstd.ZstdInputStream;
import io.longshore.contracts.error.Failure;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Decodes zstd data (RFC 8878) within bounds that the decoder behind it has not got: that takes memory by what a frame says of itself, and
 * moves a whole window for every block. What is beyond them is {@link Failure.Invalid}. Skippable frames, which that decoder does not know,
 * are left out. Not thread-safe.
 */
final class ZstdDecoder extends FilterInputStream {
    /** What RFC 8878 asks of every decoder, and what zstd's own levels up to 19 need. */
    private static final long MAX_WINDOW = 8 << 20;
    /** Windows that may be moved for nothing: a second's work, and more than the decoder holds back. */
    private static final long FREE_MOVES = 1024 * MAX_WINDOW;
    /** Bytes that may be moved for each that comes out: with the largest window, blocks of 16 KiB. Writers fill theirs, of 128 KiB. */
    private static final long MOVES_PER_BYTE = 512;

    private final Frames frames;

    ZstdDecoder(InputStream in) throws IOException {
        this(new Frames(in));
    }

    private ZstdDecoder(Frames frames) throws IOException {
        super(new ZstdInputStream(frames));
        this.frames = frames;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        frames.expanded += Math.max(n, 0);
        return n;
    }

    /**
     * The data as it is, watched. A read gives a header or (a part of) what follows it, never two of them, so that the decoder is never far
     * behind what is counted here.
     */
    private static final class Frames extends FilterInputStream {
        private static final int MAGIC = 0xfd2fb528;
        /** The last four bits are free (RFC 8878, 3.1.2). */
        private static final int SKIPPABLE = 0x184d2a50;

        private static final int SINGLE_SEGMENT = 0x20;
        private static final int CHECKSUM = 4;
        private static final int RUN = 1;

        private final byte[] head = new byte[18];
        private int headAt;
        private int headEnd;
        private long left;
        private boolean inFrame;
        private boolean checksum;
        private long window;
        private long moved;
        private long expanded;

        Frames(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, buffer.length);
            while (length > 0 && headAt == headEnd && left == 0) {
                headAt = 0;
                headEnd = 0;
                if (!(inFrame ? block() : frame())) {
                    break;
                }
            }
            if (headAt < headEnd) {
                int n = Math.min(length, headEnd - headAt);
                System.arraycopy(head, headAt, buffer, offset, n);
                headAt += n;
                return n;
            }
            int n = in.read(buffer, offset, (int) Math.min(length, left == 0 ? length : left));
            left -= left == 0 ? 0 : Math.max(n, 0);
            return n;
        }

        /** Reads more of a header; false at the end of the data, which the decoder is to judge. */
        private boolean more(int bytes) throws IOException {
            int n = in.readNBytes(head, headEnd, bytes);
            headEnd += n;
            return n == bytes;
        }

        private long number(int at, int bytes) {
            byte[] padded = new byte[Long.BYTES];
            System.arraycopy(head, at, padded, 0, bytes);
            return ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }

        /** Reads a frame's header (RFC 8878, 3.1.1.1). False when what follows is none, and is left to the decoder. */
        private boolean frame() throws IOException {
            if (!more(4)) {
                return false;
            }
            int magic = (int) number(0, 4);
            if ((magic & ~0xf) == SKIPPABLE) {
                if (!more(4)) {
                    return false;
                }
                leaveOut(number(4, 4));
                headEnd = 0;
                return true;
            }
            if (magic != MAGIC || !more(1)) {
                return false;
            }
            int descriptor = head[4];
            boolean single = (descriptor & SINGLE_SEGMENT) != 0;
            int dictionary = (1 << (descriptor & 3)) >> 1;
            int size = descriptor >> 6 & 3;
            int sizeBytes = size == 0 ? (single ? 1 : 0) : 1 << size;
            int sizeAt = 5 + (single ? 0 : 1) + dictionary;
            if (!more(sizeAt + sizeBytes - 5)) {
                return false;
            }
            window = single ? number(sizeAt, sizeBytes) + (size == 1 ? 256 : 0) : window(head[5] & 0xff);
            if (window < 0 || window > MAX_WINDOW) {
                throw new Failure.Invalid("unsupported zstd data: a frame needs a window of "
                        + Long.toUnsignedString(window) + " bytes, at most " + MAX_WINDOW + " are supported");
            }
            checksum = (descriptor & CHECKSUM) != 0;
            inFrame = true;
            // The first block has nothing before it that could be moved.
            moved -= window;
            return true;
        }

        private void leaveOut(long bytes) throws IOException {
            try {
                in.skipNBytes(bytes);
            } catch (EOFException e) {
                throw new IOException("a skippable frame is cut off", e);
            }
        }

        private static long window(int descriptor) {
            long base = 1L << (10 + (descriptor >> 3));
            return base + base / 8 * (descriptor & 7);
        }

        /** Reads a block's header (RFC 8878, 3.1.1.2). */
        private boolean block() throws IOException {
            if (!more(3)) {
                return false;
            }
            int header = (int) number(0, 3);
            left = (header >> 1 & 3) == RUN ? 1 : header >> 3;
            if ((header & 1) != 0) {
                inFrame = false;
                left += checksum ? 4 : 0;
            }
            moved += window;
            if (moved > FREE_MOVES + expanded * MOVES_PER_BYTE) {
                throw new Failure.Invalid("zstd data in blocks of next to nothing: it looks like a decompression bomb");
            }
            return true;
        }
    }
}
