package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.RawPath;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A request, being put together: struct nlmsghdr, the family's own header, attributes (netlink(7), {@code linux/netlink.h}). In the
 * machine's byte order. For one thread.
 */
public final class Message {
    static final int HEADER = 16;
    static final int REQUEST = 1;
    static final int ACK = 4;
    /** NLM_F_ROOT and NLM_F_MATCH. */
    static final int DUMP = 0x300;

    static final int REPLACE = 0x100;
    static final int EXCLUSIVE = 0x200;
    static final int CREATE = 0x400;
    static final int NESTED = 0x8000;

    private final String title;
    private final int type;
    private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

    /**
     * @param title what it is for, as errors are to name it: {@code RTM_NEWLINK veth0}
     * @param type nlmsg_type
     * @param flags NLM_F_ flags beside REQUEST
     */
    Message(String title, int type, int flags) {
        this.title = title;
        this.type = type;
        buffer.putInt(0)
                .putShort((short) type)
                .putShort((short) (flags | REQUEST))
                .putInt(0)
                .putInt(0);
    }

    String title() {
        return title;
    }

    int type() {
        return type;
    }

    Message u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    Message u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    Message u32(int value) {
        room(4).putInt(value);
        return this;
    }

    Message attribute(int number, byte[] value) {
        room(4 + value.length + 3)
                .putShort((short) (4 + value.length))
                .putShort((short) number)
                .put(value);
        return align();
    }

    Message attribute(int number, int value) {
        room(8).putShort((short) 8).putShort((short) number).putInt(value);
        return this;
    }

    Message attributeByte(int number, int value) {
        return attribute(number, new byte[] {(byte) value});
    }

    /** Ended by a zero byte. */
    Message attribute(int number, String value) {
        return attribute(number, RawPath.cString(value));
    }

    /** An attribute that consists of what {@code content} adds. */
    Message nested(int number, Consumer<Message> content) {
        int start = room(4).position();
        buffer.putShort((short) 0).putShort((short) number);
        content.accept(this);
        buffer.putShort(start, (short) (buffer.position() - start));
        return align();
    }

    /** The bytes, asking for an answer under this number. */
    byte[] bytes(int sequence, int moreFlags) {
        buffer.putInt(0, buffer.position());
        buffer.putShort(6, (short) (buffer.getShort(6) | moreFlags));
        buffer.putInt(8, sequence);
        align();
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private Message align() {
        while (buffer.position() % 4 != 0) {
            room(1).put((byte) 0);
        }
        return this;
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            byte[] larger = Arrays.copyOf(buffer.array(), Math.max(2 * buffer.capacity(), buffer.position() + bytes));
            int position = buffer.position();
            buffer = ByteBuffer.wrap(larger).order(ByteOrder.nativeOrder()).position(position);
        }
        return buffer;
    }
}
