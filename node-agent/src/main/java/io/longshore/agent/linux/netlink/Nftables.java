package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.RawPath;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be asked of nftables cheaply ({@code linux/netfilter/nf_tables.h}). */
public final class Nftables {
    /** NFNLGRP_NFTABLES: who is in it is told of each change. */
    public static final int GROUP = 7;

    private static final int SUBSYSTEM = 10 << 8;
    private static final int GET_TABLE = SUBSYSTEM | 1;
    private static final int NEW_CHAIN = SUBSYSTEM | 3;
    private static final int GET_CHAIN = SUBSYSTEM | 4;
    private static final int NEW_RULE = SUBSYSTEM | 6;
    private static final int GET_RULE = SUBSYSTEM | 7;
    private static final int GET_GENERATION = SUBSYSTEM | 16;
    private static final int NEW_GENERATION = SUBSYSTEM | 15;
    private static final int TABLE_NAME = 1;
    private static final int CHAIN_NAME = 3;
    private static final int CHAIN_HOOK = 4;
    private static final int CHAIN_POLICY = 5;
    private static final int HOOK_NUMBER = 1;
    private static final int RULE_CHAIN = 2;
    private static final int RULE_DATA = 7;
    /** In a rule's data, which the kernel keeps and does not read: type and length of one byte each, and the value. */
    private static final int COMMENT = 0;

    private static final int INET = 1;
    private static final Map<Integer, String> FAMILIES = Map.of(INET, "inet", 2, "ip", 10, "ip6");
    /** NF_INET_FORWARD. */
    private static final int FORWARD = 2;

    private static final int NUMBER = 1;

    private Nftables() {}

    /** Asks for a table of family inet; ENOENT if there is none. */
    public static Message table(String name) {
        return question("NFT_MSG_GETTABLE " + name, GET_TABLE, INET).attribute(TABLE_NAME, name);
    }

    /** The number that grows with each transaction that anybody makes in this namespace. */
    public static int generation(NetlinkSocket netfilter) throws ErrnoException {
        int[] number = new int[1];
        netfilter.query(question("NFT_MSG_GETGEN", GET_GENERATION, 0), (type, content) -> {
            if (type == NEW_GENERATION && content.remaining() >= 4) {
                number[0] = number(content);
            }
        });
        return number[0];
    }

    /**
     * A chain of a table of the family ip, ip6 or inet.
     *
     * @param forwards whether packets that are forwarded pass through it first
     * @param drops whether its policy is to drop
     */
    public record Chain(String family, String table, String name, boolean forwards, boolean drops) {
        /** As nft(8) names it. */
        @Override
        public String toString() {
            return family + " " + table + " " + name;
        }
    }

    /** All chains of this namespace that see packets of IP. */
    public static List<Chain> chains(NetlinkSocket netfilter) throws ErrnoException {
        return netfilter.dump(
                () -> question("NFT_MSG_GETCHAIN", GET_CHAIN, 0), () -> new Found<>(NEW_CHAIN, Nftables::chain));
    }

    private static @Nullable Chain chain(int family, Attributes chain) {
        String name = FAMILIES.get(family);
        if (name == null) {
            return null;
        }
        Attributes hook = chain.nested(CHAIN_HOOK);
        return new Chain(
                name,
                chain.text(TABLE_NAME),
                chain.text(CHAIN_NAME),
                hook != null && number(hook, HOOK_NUMBER) == FORWARD,
                chain.has(CHAIN_POLICY) && number(chain, CHAIN_POLICY) == 0);
    }

    /** The comments that nft(8) has put to the rules of a chain; of rules that have one. Rules of iptables(8) have theirs elsewhere. */
    public static List<String> comments(NetlinkSocket netfilter, Chain chain) throws ErrnoException {
        int family = FAMILIES.entrySet().stream()
                .filter(each -> each.getValue().equals(chain.family()))
                .findFirst()
                .orElseThrow()
                .getKey();
        return netfilter.dump(
                () -> question("NFT_MSG_GETRULE " + chain, GET_RULE, family)
                        .attribute(TABLE_NAME, chain.table())
                        .attribute(RULE_CHAIN, chain.name()),
                () -> new Found<>(NEW_RULE, (_, rule) -> comment(rule.bytes(RULE_DATA))));
    }

    private static @Nullable String comment(byte[] data) {
        for (int start = 0; start + 2 <= data.length; start += 2 + Byte.toUnsignedInt(data[start + 1])) {
            int length = Math.min(Byte.toUnsignedInt(data[start + 1]), data.length - start - 2);
            if (data[start] == COMMENT && length > 0) {
                return RawPath.of(Arrays.copyOfRange(data, start + 2, start + 2 + length - 1));
            }
        }
        return null;
    }

    private static Message question(String title, int type, int family) {
        return new Message(title, type, 0).u8(family).u8(0).u16(0);
    }

    /** What a reader makes of the objects of a dump, those left out of which it makes nothing. */
    private static final class Found<T> implements NetlinkSocket.Dump<List<T>> {
        private final int wanted;
        private final Reader<T> reader;
        private final List<T> found = new ArrayList<>();

        private interface Reader<T> {
            @Nullable
            T read(int family, Attributes attributes);
        }

        Found(int wanted, Reader<T> reader) {
            this.wanted = wanted;
            this.reader = reader;
        }

        @Override
        public void take(int type, ByteBuffer content) {
            if (type == wanted && content.remaining() >= 4) {
                T object = reader.read(content.get(0), new Attributes(content.slice(4, content.limit() - 4)));
                if (object != null) {
                    found.add(object);
                }
            }
        }

        @Override
        public List<T> result() {
            return found;
        }
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
        return number(new Attributes(content.slice(4, content.limit() - 4)), NUMBER);
    }

    /** Unlike those of rtnetlink, numbers of nftables are big-endian. */
    private static int number(Attributes attributes, int number) {
        ByteBuffer value = ByteBuffer.wrap(attributes.bytes(number));
        return value.remaining() < 4 ? 0 : value.order(ByteOrder.BIG_ENDIAN).getInt();
    }
}
