package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.ErrnoException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Requests about routes ({@code linux/rtnetlink.h}), in the main table. */
public final class Routes {
    private static final int NEW = 24;
    private static final int DELETE = 25;
    private static final int GET = 26;
    private static final int DESTINATION = 1;
    private static final int LINK = 4;
    private static final int GATEWAY = 5;
    private static final int TABLE = 15;

    private static final int MAIN = 254;
    private static final int BOOT = 3;
    private static final int UNICAST = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int HEADER = 12;

    private Routes() {}

    /** Sends all that nothing else leads to through a gateway, which an interface has in its subnet. */
    public static Message gateway(InetAddress gateway) {
        return header(new Message("RTM_NEWROUTE default", NEW, Message.CREATE | Message.REPLACE), gateway)
                .attribute(GATEWAY, gateway.getAddress());
    }

    /** Takes the default route of a family away; ESRCH if there is none. */
    public static Message noGateway(InetAddress ofFamily) {
        return header(new Message("RTM_DELROUTE default", DELETE, 0), ofFamily);
    }

    /** A route of the main table; a destination of prefix 0 is everything. */
    public record Route(Cidr destination, int link) {}

    /** All routes of both families. */
    public static List<Route> list(NetlinkSocket socket) throws ErrnoException {
        List<Route> all = new ArrayList<>(list(socket, AF_INET));
        all.addAll(list(socket, AF_INET6));
        return all;
    }

    private static List<Route> list(NetlinkSocket socket, int family) throws ErrnoException {
        Supplier<Message> question = () -> new Message("RTM_GETROUTE", GET, 0)
                .u8(family)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u32(0);
        return socket.dump(question, () -> new NetlinkSocket.Dump<List<Route>>() {
            private final List<Route> found = new ArrayList<>();

            @Override
            public void take(int type, ByteBuffer content) {
                if (type == NEW && content.remaining() >= HEADER) {
                    var attributes = new Attributes(content.slice(HEADER, content.limit() - HEADER));
                    int prefix = Byte.toUnsignedInt(content.get(1));
                    byte[] bytes = attributes.has(DESTINATION)
                            ? attributes.bytes(DESTINATION)
                            : new byte[family == AF_INET ? 4 : 16];
                    if (attributes.u32(TABLE) == MAIN && content.get(7) == UNICAST) {
                        found.add(new Route(new Cidr(Addresses.of(bytes), prefix), attributes.u32(LINK)));
                    }
                }
            }

            @Override
            public List<Route> result() {
                return found;
            }
        });
    }

    /** struct rtmsg. */
    private static Message header(Message message, InetAddress ofFamily) {
        return message.u8(ofFamily.getAddress().length == 4 ? AF_INET : AF_INET6)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(MAIN)
                .u8(BOOT)
                .u8(0)
                .u8(UNICAST)
                .u32(0);
    }
}
