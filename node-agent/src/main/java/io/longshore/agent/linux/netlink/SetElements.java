package io.longshore.agent.linux.netlink;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds and deletes elements of nftables sets and maps ({@code linux/netfilter/nf_tables.h}), for what must cost the same however many there
 * are: libnftables reads a whole map before it adds to it. Pure.
 */
public final class SetElements {
    private static final int ADD = 10 << 8 | 12;
    private static final int DELETE = 10 << 8 | 14;
    private static final int INET = 1;
    private static final int TABLE = 1;
    private static final int SET = 2;
    private static final int ELEMENTS = 3;
    private static final int ELEMENT = 1;
    private static final int KEY = 1;
    private static final int DATA = 2;
    private static final int VALUE = 1;
    /** An attribute's length has 16 bits. */
    private static final int MOST = 256;

    private SetElements() {}

    /** A concatenation of values; each fills whole words of four bytes. Numbers are in network order. */
    public static final class Concatenation {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** An IP address. */
        public Concatenation address(InetAddress address) {
            bytes.writeBytes(address.getAddress());
            return this;
        }

        /** A number of one byte, such as a protocol's. */
        public Concatenation number(int value) {
            bytes.writeBytes(new byte[] {(byte) value, 0, 0, 0});
            return this;
        }

        /** A port. */
        public Concatenation port(int value) {
            bytes.writeBytes(ByteBuffer.allocate(4)
                    .putShort((short) value)
                    .putShort((short) 0)
                    .array());
            return this;
        }
    }

    /** An element of a map; without a value one of a set. */
    public record Element(Concatenation key, @Nullable Concatenation value) {}

    /** Adds elements to a map or set of a table of family inet. EEXIST if one has another value there. */
    public static List<Message> add(String table, String map, List<Element> elements) {
        return messages("NFT_MSG_NEWSETELEM ", ADD, Message.CREATE, table, map, elements);
    }

    /** Deletes elements by their keys. ENOENT if one is not there, and then none is deleted. */
    public static List<Message> delete(String table, String map, List<Element> elements) {
        return messages("NFT_MSG_DELSETELEM ", DELETE, 0, table, map, elements);
    }

    private static List<Message> messages(
            String title, int type, int flags, String table, String map, List<Element> elements) {
        List<Message> messages = new ArrayList<>();
        for (int from = 0; from < elements.size(); from += MOST) {
            List<Element> some = elements.subList(from, Math.min(elements.size(), from + MOST));
            messages.add(new Message(title + table + " " + map, type, flags)
                    .u8(INET)
                    .u8(0)
                    .u16(0)
                    .attribute(TABLE, table)
                    .attribute(SET, map)
                    .nested(ELEMENTS | Message.NESTED, list -> some.forEach(each -> element(list, each, type == ADD))));
        }
        return messages;
    }

    private static void element(Message list, Element each, boolean withValue) {
        list.nested(ELEMENT | Message.NESTED, element -> {
            data(element, KEY, each.key());
            if (withValue && each.value() != null) {
                data(element, DATA, each.value());
            }
        });
    }

    private static void data(Message element, int what, Concatenation value) {
        element.nested(what | Message.NESTED, data -> data.attribute(VALUE, value.bytes.toByteArray()));
    }
}
