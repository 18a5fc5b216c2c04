package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.ErrnoException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Requests about interfaces' addresses ({@code linux/if_addr.h}). */
public final class Addresses {
    private static final int NEW = 20;
    private static final int GET = 22;
    private static final int ADDRESS = 1;
    private static final int LOCAL = 2;
    private static final int BROADCAST = 4;
    /** Nobody else has it: IPAM has given it out once, so the kernel need not ask around for a second (IFA_F_NODAD). */
    private static final int NO_DETECTION = 2;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private Addresses() {}

    /** Gives an interface an address. */
    public static Message add(int link, Cidr cidr) {
        byte[] bytes = cidr.address().getAddress();
        Message message = new Message("RTM_NEWADDR " + cidr, NEW, Message.CREATE | Message.REPLACE)
                .u8(cidr.isV6() ? AF_INET6 : AF_INET)
                .u8(cidr.prefix())
                .u8(cidr.isV6() ? NO_DETECTION : 0)
                .u8(0)
                .u32(link)
                .attribute(LOCAL, bytes)
                .attribute(ADDRESS, bytes);
        return cidr.isV6() || cidr.prefix() > 30 ? message : message.attribute(BROADCAST, cidr.broadcast());
    }

    /** An address and whose it is. */
    public record Held(int link, Cidr cidr) {}

    /** All addresses of the namespace. */
    public static List<Held> list(NetlinkSocket socket) throws ErrnoException {
        Supplier<Message> question =
                () -> new Message("RTM_GETADDR", GET, 0).u8(0).u8(0).u8(0).u8(0).u32(0);
        return socket.dump(question, () -> new NetlinkSocket.Dump<List<Held>>() {
            private final List<Held> found = new ArrayList<>();

            @Override
            public void take(int type, ByteBuffer content) {
                if (type != NEW || content.remaining() < 8) {
                    return;
                }
                var attributes = new Attributes(content.slice(8, content.limit() - 8));
                byte[] address = attributes.bytes(attributes.has(LOCAL) ? LOCAL : ADDRESS);
                if (address.length == 4 || address.length == 16) {
                    found.add(new Held(content.getInt(4), new Cidr(of(address), Byte.toUnsignedInt(content.get(1)))));
                }
            }

            @Override
            public List<Held> result() {
                return found;
            }
        });
    }

    static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }
}
