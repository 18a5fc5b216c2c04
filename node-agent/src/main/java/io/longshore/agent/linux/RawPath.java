package io.longshore.agent.linux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * File names are bytes to the kernel and Strings here. Bytes that are not UTF-8 are carried as the lone surrogates U+DC80 to
 * U+DCFF (PEP 383's scheme), so that every name survives the round trip.
 */
public final class RawPath {
    private RawPath() {}

    /** The bytes of a name, with a terminating NUL. A name with a NUL inside is refused: the kernel would see another name. */
    public static byte[] cString(String name) {
        byte[] bytes = bytes(name);
        for (byte b : bytes) {
            if (b == 0) {
                throw new IllegalArgumentException("a path or argument must not contain a NUL character: "
                        + name.replace('\0', '?').substring(0, Math.min(name.length(), 100)));
            }
        }
        return java.util.Arrays.copyOf(bytes, bytes.length + 1);
    }

    /** The bytes of a name, without a terminator. */
    public static byte[] bytes(String name) {
        if (name.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return name.getBytes(StandardCharsets.UTF_8);
        }
        var out = new ByteArrayOutputStream(name.length() + 8);
        for (int i = 0; i < name.length(); ) {
            int point = name.codePointAt(i);
            if (point >= 0xDC80 && point <= 0xDCFF) {
                out.write(point - 0xDC00);
            } else {
                out.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
            i += Character.charCount(point);
        }
        return out.toByteArray();
    }

    /** The name in these bytes; the inverse of {@link #bytes}. */
    public static String of(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
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
