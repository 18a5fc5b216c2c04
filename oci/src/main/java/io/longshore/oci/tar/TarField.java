package io.longshore.oci.tar;

import io.longshore.contracts.error.Failure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The fields of a 512-byte header block (pax(1), ustar interchange format; GNU's base-256 numbers). */
enum TarField {
    NAME(0, 100),
    MODE(100, 8),
    UID(108, 8),
    GID(116, 8),
    SIZE(124, 12),
    MODIFIED(136, 12),
    CHECKSUM(148, 8),
    TYPE(156, 1),
    LINK_NAME(157, 100),
    MAGIC(257, 6),
    MAJOR(329, 8),
    MINOR(337, 8),
    PREFIX(345, 155);

    private final int offset;
    private final int length;

    TarField(int offset, int length) {
        this.offset = offset;
        this.length = length;
    }

    /** The text up to the first NUL. */
    String text(byte[] block) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return decode(block, offset, end - offset);
    }

    byte first(byte[] block) {
        return block[offset];
    }

    /** The number: octal digits ended by a space or NUL, or base 256 when the first bit is set. */
    long number(byte[] block) {
        if ((block[offset] & 0x80) != 0) {
            return base256(block);
        }
        int at = offset;
        int end = offset + length;
        while (at < end && (block[at] == ' ' || block[at] == 0)) {
            at++;
        }
        long value = 0;
        for (; at < end && block[at] != ' ' && block[at] != 0; at++) {
            if (block[at] < '0' || block[at] > '7') {
                throw new Failure.Invalid("malformed tar header: " + this + " is no octal number");
            }
            value = value << 3 | (block[at] - '0');
        }
        return value;
    }

    private long base256(byte[] block) {
        boolean negative = (block[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int octet = block[offset + i] & 0xff;
            if (i == 0) {
                octet = negative ? octet | 0x80 : octet & 0x7f;
            }
            long shifted = value << 8 | octet;
            if (shifted >> 8 != value) {
                throw new Failure.Invalid("malformed tar header: " + this + " does not fit 64 bits");
            }
            value = shifted;
        }
        return value;
    }

    static boolean checksumMatches(byte[] block) {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < block.length; i++) {
            boolean inChecksum = i >= CHECKSUM.offset && i < CHECKSUM.offset + CHECKSUM.length;
            byte octet = inChecksum ? (byte) ' ' : block[i];
            unsigned += octet & 0xff;
            signed += octet;
        }
        long stored = CHECKSUM.number(block);
        return stored == unsigned || stored == signed;
    }

    /** Puts text into the field; what has no room is left out, and a pax record says it whole. */
    void put(byte[] block, byte[] text) {
        ByteBuffer.wrap(block).put(offset, text, 0, Math.min(text.length, length));
    }

    /** Puts an octal number into the field; one that has no room is left out. */
    void put(byte[] block, long number) {
        if (fits(number)) {
            String digits = Long.toOctalString(number);
            put(block, ("0".repeat(length - 1 - digits.length()) + digits).getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Whether the field has room for the number. */
    boolean fits(long number) {
        return number >= 0 && number < 1L << (3 * (length - 1));
    }

    /** Whether the field has room for the text, which is plain enough for it. */
    boolean fits(byte[] text) {
        for (byte octet : text) {
            if (octet <= 0) {
                return false;
            }
        }
        return text.length <= length;
    }

    /** Seals a finished block. */
    static void putChecksum(byte[] block) {
        Arrays.fill(block, CHECKSUM.offset, CHECKSUM.offset + CHECKSUM.length, (byte) ' ');
        long sum = 0;
        for (byte octet : block) {
            sum += octet & 0xff;
        }
        String digits = Long.toOctalString(sum);
        CHECKSUM.put(block, ("0".repeat(6 - digits.length()) + digits + "\0 ").getBytes(StandardCharsets.US_ASCII));
    }

    /** The bytes of a text; the inverse of {@link #decode}. */
    static byte[] encode(String text) {
        if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 8);
        text.codePoints().forEach(point -> {
            if (point >= 0xDC80 && point <= 0xDCFF) {
                bytes.write(point - 0xDC00);
            } else {
                bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /**
     * UTF-8; bytes that are not are carried as the lone surrogates U+DC80 to U+DCFF (PEP 383's scheme, which the agent's system calls
     * undo), so that a name of any bytes is unpacked under just those bytes.
     */
    static String decode(byte[] bytes, int offset, int length) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharBuffer out = CharBuffer.allocate(length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (0xDC00 + (in.get() & 0xff)));
            }
            decoder.reset();
        }
    }
}
