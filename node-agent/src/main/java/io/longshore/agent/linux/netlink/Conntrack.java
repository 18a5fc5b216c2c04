package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Deletes entries of connection tracking ({@code linux/netfilter/nfnetlink_conntrack.h}). */
public final class Conntrack {
    private static final int NEW = 1 << 8;
    private static final int GET = 1 << 8 | 1;
    private static final int DELETE = 1 << 8 | 2;
    private static final int ORIGINAL = 1;
    private static final int REPLY = 2;
    private static final int ID = 12;
    private static final int FILTER = 25;

    private static final int TUPLE_IP = 1;
    private static final int TUPLE_PROTOCOL = 2;
    private static final int V4_SOURCE = 1;
    private static final int V6_SOURCE = 3;
    private static final int NUMBER = 1;
    private static final int SOURCE_PORT = 2;
    private static final int DESTINATION_PORT = 3;

    private static final int BY_SOURCE = 1;
    private static final int BY_PROTOCOL = 1 << 3;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private Conntrack() {}

    /** Forgets all connections to which this address answers. */
    public static void forgetServer(NetlinkSocket netfilter, InetAddress address) throws ErrnoException {
        forgetServer(netfilter, address, connection -> true);
    }

    /** Forgets all connections to which it answers from one of these ports. */
    public static void forgetServer(NetlinkSocket netfilter, InetAddress address, Set<Integer> ports)
            throws ErrnoException {
        forgetServer(netfilter, address, connection -> ports.contains(port(connection, REPLY, SOURCE_PORT)));
    }

    private static void forgetServer(NetlinkSocket netfilter, InetAddress address, Predicate<Attributes> wanted)
            throws ErrnoException {
        byte[] bytes = address.getAddress();
        int source = bytes.length == 4 ? V4_SOURCE : V6_SOURCE;
        forget(
                netfilter,
                bytes.length == 4 ? AF_INET : AF_INET6,
                0,
                BY_SOURCE,
                dump -> dump.nested(
                        REPLY | Message.NESTED,
                        tuple -> tuple.nested(TUPLE_IP | Message.NESTED, ip -> ip.attribute(source, bytes))),
                wanted);
    }

    /**
     * Forgets all connections to these ports of whatever address, of both families. The kernel walks through the whole of its table for each
     * question, so one is asked for all ports.
     */
    public static void forgetPorts(NetlinkSocket netfilter, int protocol, Set<Integer> ports) throws ErrnoException {
        for (int family : new int[] {AF_INET, AF_INET6}) {
            forget(
                    netfilter,
                    family,
                    BY_PROTOCOL,
                    0,
                    dump -> dump.nested(
                            ORIGINAL | Message.NESTED,
                            tuple -> tuple.nested(
                                    TUPLE_PROTOCOL | Message.NESTED, proto -> proto.attributeByte(NUMBER, protocol))),
                    connection -> ports.contains(port(connection, ORIGINAL, DESTINATION_PORT)));
        }
    }

    private static int port(Attributes connection, int direction, int which) {
        Attributes tuple = connection.nested(direction);
        Attributes protocol = tuple == null ? null : tuple.nested(TUPLE_PROTOCOL);
        byte[] port = protocol == null ? new byte[0] : protocol.bytes(which);
        return port.length < Short.BYTES
                ? 0
                : Short.toUnsignedInt(ByteBuffer.wrap(port).getShort());
    }

    private static void forget(
            NetlinkSocket netfilter,
            int family,
            int byOriginal,
            int byReply,
            Consumer<Message> tuple,
            Predicate<Attributes> wanted)
            throws ErrnoException {
        List<Message> deletions = netfilter.dump(
                () -> {
                    Message question = header(new Message("IPCTNL_MSG_CT_GET", GET, 0), family);
                    tuple.accept(question);
                    return question.nested(
                            FILTER | Message.NESTED,
                            filter -> filter.attribute(1, byOriginal).attribute(2, byReply));
                },
                () -> new Found(family, wanted));
        // An entry may end by itself before it is deleted.
        for (int from = 0; from < deletions.size(); from += 64) {
            netfilter.execute(deletions.subList(from, Math.min(deletions.size(), from + 64)), Errno.ENOENT);
        }
    }

    /** The entries of an answer, to be deleted. */
    private static final class Found implements NetlinkSocket.Dump<List<Message>> {
        private final int family;
        private final Predicate<Attributes> wanted;
        private final List<Message> deletions = new ArrayList<>();

        Found(int family, Predicate<Attributes> wanted) {
            this.family = family;
            this.wanted = wanted;
        }

        @Override
        public void take(int type, ByteBuffer content) {
            if (type != NEW || content.remaining() < 4) {
                return;
            }
            var attributes =
                    new Attributes(content.slice(4, content.limit() - 4).order(ByteOrder.nativeOrder()));
            if (wanted.test(attributes)) {
                deletions.add(header(new Message("IPCTNL_MSG_CT_DELETE", DELETE, 0), family)
                        .attribute(ORIGINAL | Message.NESTED, attributes.bytes(ORIGINAL))
                        .attribute(ID, Arrays.copyOf(attributes.bytes(ID), 4)));
            }
        }

        @Override
        public List<Message> result() {
            return deletions;
        }
    }

    /** struct nfgenmsg. */
    private static Message header(Message message, int family) {
        return message.u8(family).u8(0).u16(0);
    }
}
