package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.ErrnoException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/** What can be asked of nftables cheaply ({@code linux/netfilter/nf_tables.h}). */
public final class Nftables {
    /** NFNLGRP_NFTABLES: who is in it is told of each change. */
    public static final int GROUP = 7;

    private static final int SUBSYSTEM = 10 << 8;
    private static final int GET_TABLE = SUBSYSTEM | 1;
    private static final int GET_GENERATION = SUBSYSTEM | 16;
    private static final int NEW_GENERATION = SUBSYSTEM | 15;
    private static final int TABLE_NAME = 1;
    private static final int INET = 1;
    private static final int NUMBER = 1;

    private Nftables() {}

    /** Asks for a table of family inet; ENOENT if there is none. */
    public static Message table(String name) {
        return new Message("NFT_MSG_GETTABLE " + name, GET_TABLE, 0)
                .u8(INET)
                .u8(0)
                .u16(0)
                .attribute(TABLE_NAME, name);
    }

    /** The number that grows with each transaction that anybody makes in this namespace. */
    public static int generation(NetlinkSocket netfilter) throws ErrnoException {
        int[] number = new int[1];
        Message question =
                new Message("NFT_MSG_GETGEN", GET_GENERATION, 0).u8(0).u8(0).u16(0);
        netfilter.query(question, (type, content) -> {
            if (type == NEW_GENERATION && content.remaining() >= 4) {
                number[0] = number(content);
            }
        });
        return number[0];
    }

    /**
     * What somebody has done.
     *
     * @param tables of family inet that were changed, or whose chains, rules, sets or elements were
     * @param generation the number of the transaction; 0 if it goes on in the next piece
     */
    public record Change(Set<String> tables, int generation) {}

    /** Reads a piece of what a socket in group {@link #GROUP} is told. */
    public static Change read(ByteBuffer piece) {
        Set<String> tables = new HashSet<>();
        int[] generation = new int[1];
        NetlinkSocket.forEach(piece, message -> {
            int type = Short.toUnsignedInt(message.getShort(4));
            ByteBuffer content = message.slice(Message.HEADER, message.limit() - Message.HEADER)
                    .order(ByteOrder.nativeOrder());
            if (type == NEW_GENERATION && content.remaining() >= 4) {
                generation[0] = number(content);
            } else if (content.remaining() >= 4 && content.get(0) == INET) {
                // The name of the table is the first attribute of each kind.
                tables.add(new Attributes(content.slice(4, content.limit() - 4)).text(TABLE_NAME));
            }
        });
        return new Change(tables, generation[0]);
    }

    private static int number(ByteBuffer content) {
        ByteBuffer value = ByteBuffer.wrap(new Attributes(content.slice(4, content.limit() - 4)).bytes(NUMBER));
        return value.remaining() < 4 ? 0 : value.order(ByteOrder.BIG_ENDIAN).getInt();
    }
}
