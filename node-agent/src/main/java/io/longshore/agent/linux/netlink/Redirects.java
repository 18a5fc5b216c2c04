package io.longshore.agent.linux.netlink;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A table of nftables (family ip) that leads what is sent to some ports of some addresses to other ports of these, for the processes of one
 * namespace ({@code linux/netfilter/nf_tables.h}). Answers come back by connection tracking. Encoded here, since libnftables cannot be used
 * where many files are open: it ends the process when its socket has a number above 1023. Pure.
 */
public final class Redirects {
    private static final int SUBSYSTEM = 10 << 8;
    private static final int NEW_TABLE = SUBSYSTEM;
    private static final int DELETE_TABLE = SUBSYSTEM | 2;
    private static final int NEW_CHAIN = SUBSYSTEM | 3;
    private static final int NEW_RULE = SUBSYSTEM | 6;
    private static final int APPEND = 0x800;

    private static final int IPV4 = 2;
    private static final int TABLE = 1;
    private static final int CHAIN = 2;
    private static final int CHAIN_NAME = 3;
    private static final int CHAIN_HOOK = 4;
    private static final int CHAIN_TYPE = 7;
    private static final int HOOK_NUMBER = 1;
    private static final int HOOK_PRIORITY = 2;
    /** NF_INET_LOCAL_OUT. */
    private static final int OUTPUT = 3;
    /** NF_IP_PRI_NAT_DST. */
    private static final int BEFORE_ROUTING = -100;

    private static final int EXPRESSIONS = 4;
    private static final int LIST_ELEMENT = 1;
    private static final int NAME = 1;
    private static final int DATA = 2;
    private static final int VALUE = 1;
    /** NFT_REG_1 and NFT_REG_2. */
    private static final int FIRST = 1;

    private static final int SECOND = 2;
    private static final int NETWORK_HEADER = 1;
    private static final int TRANSPORT_HEADER = 2;
    /** Of the destination, in the header of IPv4, and in those of TCP and UDP. */
    private static final int ADDRESS_AT = 16;

    private static final int PORT_AT = 2;
    /** NFT_META_L4PROTO. */
    private static final int PROTOCOL = 16;

    private static final String OUTPUT_CHAIN = "output";

    private Redirects() {}

    /**
     * One of them.
     *
     * @param protocol its number, of TCP or UDP
     * @param port to which is sent
     * @param to where it goes instead
     */
    public record Redirect(int protocol, Inet4Address address, int port, int to) {}

    /** Makes the table with these, in the place of an earlier one; for {@link NetlinkSocket#transaction}. */
    public static List<Message> anew(String table, List<Redirect> redirects) {
        List<Message> messages = new ArrayList<>();
        // It is added first, so that it can be deleted whether there was one or not.
        messages.add(message("NFT_MSG_NEWTABLE ", NEW_TABLE, Message.CREATE, table));
        messages.add(message("NFT_MSG_DELTABLE ", DELETE_TABLE, 0, table));
        messages.add(message("NFT_MSG_NEWTABLE ", NEW_TABLE, Message.CREATE, table));
        messages.add(message("NFT_MSG_NEWCHAIN ", NEW_CHAIN, Message.CREATE, table)
                .attribute(CHAIN_NAME, OUTPUT_CHAIN)
                .nested(
                        CHAIN_HOOK | Message.NESTED,
                        hook -> hook.attribute(HOOK_NUMBER, number(OUTPUT))
                                .attribute(HOOK_PRIORITY, number(BEFORE_ROUTING)))
                .attribute(CHAIN_TYPE, "nat"));
        redirects.forEach(each -> messages.add(rule(table, each)));
        return messages;
    }

    private static Message message(String title, int type, int flags, String table) {
        return new Message(title + table, type, flags).u8(IPV4).u8(0).u16(0).attribute(TABLE, table);
    }

    private static Message rule(String table, Redirect redirect) {
        byte[] address = redirect.address().getAddress();
        return message("NFT_MSG_NEWRULE ", NEW_RULE, Message.CREATE | APPEND, table)
                .attribute(CHAIN, OUTPUT_CHAIN)
                .nested(EXPRESSIONS | Message.NESTED, list -> {
                    expression(list, "payload", payload(NETWORK_HEADER, ADDRESS_AT, address.length));
                    expression(list, "cmp", equalTo(address));
                    expression(
                            list,
                            "meta",
                            meta -> meta.attribute(1, number(FIRST)).attribute(2, number(PROTOCOL)));
                    expression(list, "cmp", equalTo((byte) redirect.protocol()));
                    expression(list, "payload", payload(TRANSPORT_HEADER, PORT_AT, Short.BYTES));
                    expression(list, "cmp", equalTo(port(redirect.port())));
                    expression(list, "immediate", immediate(FIRST, address));
                    expression(list, "immediate", immediate(SECOND, port(redirect.to())));
                    expression(list, "nat", Redirects::destination);
                });
    }

    private static void expression(Message list, String name, Consumer<Message> content) {
        list.nested(
                LIST_ELEMENT | Message.NESTED,
                element -> element.attribute(NAME, name).nested(DATA | Message.NESTED, content));
    }

    /** NFTA_PAYLOAD_DREG, _BASE, _OFFSET, _LEN. */
    private static Consumer<Message> payload(int header, int offset, int length) {
        return payload -> payload.attribute(1, number(FIRST))
                .attribute(2, number(header))
                .attribute(3, number(offset))
                .attribute(4, number(length));
    }

    /** NFTA_CMP_SREG, _OP (NFT_CMP_EQ), _DATA. */
    private static Consumer<Message> equalTo(byte... value) {
        return cmp -> cmp.attribute(1, number(FIRST))
                .attribute(2, number(0))
                .nested(3 | Message.NESTED, data -> data.attribute(VALUE, value));
    }

    /** NFTA_IMMEDIATE_DREG, _DATA. */
    private static Consumer<Message> immediate(int register, byte[] value) {
        return immediate -> immediate
                .attribute(1, number(register))
                .nested(2 | Message.NESTED, data -> data.attribute(VALUE, value));
    }

    /** NFTA_NAT_TYPE (NFT_NAT_DNAT), _FAMILY, _REG_ADDR_MIN, _REG_PROTO_MIN. */
    private static void destination(Message nat) {
        nat.attribute(1, number(1))
                .attribute(2, number(IPV4))
                .attribute(3, number(FIRST))
                .attribute(5, number(SECOND));
    }

    /** In network order, as all numbers of nftables. */
    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] port(int value) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) value).array();
    }
}
