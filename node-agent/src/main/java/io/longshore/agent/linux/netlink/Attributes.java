package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.RawPath;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The attributes of an answer, by number; of one that comes twice the last. Values are in the machine's byte order. Immutable. */
final class Attributes {
    private static final int TYPE = 0x3fff;

    private final Map<Integer, ByteBuffer> values = new HashMap<>();

    /** Reads to the buffer's limit, or to where it makes no sense. */
    Attributes(ByteBuffer from) {
        ByteBuffer bytes = from.slice().order(ByteOrder.nativeOrder());
        while (bytes.remaining() >= 4) {
            int start = bytes.position();
            int length = Short.toUnsignedInt(bytes.getShort());
            int type = bytes.getShort() & TYPE;
            if (length < 4 || length > bytes.limit() - start) {
                return;
            }
            values.put(type, bytes.slice(start + 4, length - 4).order(ByteOrder.nativeOrder()));
            bytes.position(Math.min(bytes.limit(), start + (length + 3) / 4 * 4));
        }
    }

    boolean has(int number) {
        return values.containsKey(number);
    }

    /** Or 0. */
    int u32(int number) {
        ByteBuffer value = values.get(number);
        return value == null || value.remaining() < 4 ? 0 : value.getInt(0);
    }

    /** Without the zero at its end; or empty. */
    String text(int number) {
        byte[] bytes = bytes(number);
        int length = bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
        return RawPath.of(java.util.Arrays.copyOf(bytes, length));
    }

    /** Or of no bytes. */
    byte[] bytes(int number) {
        ByteBuffer value = values.get(number);
        byte[] bytes = new byte[value == null ? 0 : value.remaining()];
        if (value != null) {
            value.duplicate().get(bytes);
        }
        return bytes;
    }

    /** What an attribute consists of; null if there is none. */
    @Nullable
    Attributes nested(int number) {
        ByteBuffer value = values.get(number);
        return value == null ? null : new Attributes(value);
    }
}
