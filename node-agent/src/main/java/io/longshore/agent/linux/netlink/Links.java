package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Requests about network interfaces ({@code linux/if_link.h}). Pure but for those that take a socket. */
public final class Links {
    private static final int NEW = 16;
    private static final int DELETE = 17;
    private static final int GET = 18;
    private static final int SET = 19;

    private static final int ADDRESS = 1;
    private static final int NAME = 3;
    private static final int MTU = 4;
    private static final int MASTER = 10;
    private static final int OPERATION = 16;
    private static final byte[] OPERATES = {6};
    private static final int LINK_INFO = 18;
    private static final int ALIAS = 20;
    private static final int AF_SPEC = 26;
    private static final int NAMESPACE = 28;

    private static final int INFO_KIND = 1;
    private static final int INFO_DATA = 2;
    private static final int INFO_SLAVE_KIND = 4;
    private static final int INFO_SLAVE_DATA = 5;
    private static final int VETH_PEER = 1;
    private static final int VXLAN_ID = 1;
    private static final int VXLAN_LEARNING = 7;
    private static final int VXLAN_PROXY = 11;
    private static final int VXLAN_PORT = 15;
    private static final int PORT_STATE = 1;
    private static final int PORT_HAIRPIN = 4;
    private static final int PORT_LEARNING = 8;
    private static final int PORT_FLUSH = 18;
    private static final int PORT_ISOLATED = 33;
    private static final int AF_INET6 = 10;
    private static final int ADDRESS_MODE = 8;
    private static final int NO_ADDRESS = 1;
    private static final int IFF_UP = 1;
    private static final String BRIDGE = "bridge";

    private static final HexFormat MAC = HexFormat.ofDelimiter(":");

    private Links() {}

    /** Makes a bridge, which is down. EEXIST if there is an interface of that name. */
    public static Message bridge(String name, String mac, int mtu) {
        Message message = create(name);
        address(message, mac);
        mtu(message, mtu);
        return message.nested(LINK_INFO, info -> info.attribute(INFO_KIND, BRIDGE));
    }

    /**
     * Makes a tunnel of VXLAN (vxlan in ip-link(8)), which is down. It knows no remote but those that {@link Neighbours} adds, and answers for
     * these itself who asks for their address; other broadcasts go nowhere. EEXIST if there is an interface of that name, or another tunnel of
     * that number and port.
     *
     * @param vni number of the network on the wire
     * @param port of UDP
     */
    public static Message vxlan(String name, int mtu, int vni, int port) {
        Message message = create(name);
        mtu(message, mtu);
        byte[] bigEndian = {(byte) (port >> 8), (byte) port};
        return message.nested(
                LINK_INFO,
                info -> info.attribute(INFO_KIND, "vxlan")
                        .nested(
                                INFO_DATA,
                                data -> data.attribute(VXLAN_ID, vni)
                                        .attributeByte(VXLAN_LEARNING, 0)
                                        .attributeByte(VXLAN_PROXY, 1)
                                        .attribute(VXLAN_PORT, bigEndian)));
    }

    /** Makes an interface that leads nowhere. */
    public static Message dummy(String name) {
        return create(name).nested(LINK_INFO, info -> info.attribute(INFO_KIND, "dummy"));
    }

    /** One end of a pair. */
    public record End(String name, String mac) {}

    /**
     * Makes a pair, of which one end is born in another namespace. Both are down.
     *
     * @param mtu of both, 0 for the kernel's default
     */
    public static Message veth(String name, int mtu, End peer, Fd peerNamespace) {
        Message message = create(name);
        mtu(message, mtu);
        return message.nested(
                LINK_INFO,
                info -> info.attribute(INFO_KIND, "veth")
                        .nested(
                                INFO_DATA,
                                data -> data.nested(VETH_PEER, other -> peer(other, mtu, peer, peerNamespace))));
    }

    private static void peer(Message message, int mtu, End peer, Fd namespace) {
        header(message, 0, 0, 0).attribute(NAME, peer.name());
        address(message, peer.mac());
        mtu(message, mtu);
        message.attribute(NAMESPACE, namespace.number());
    }

    /** Makes an interface a port of a bridge, without addresses of its own, and switches it on. */
    public static Message port(String name, int bridge) {
        return header(new Message("RTM_SETLINK " + name, SET, 0), 0, IFF_UP, IFF_UP)
                .attribute(NAME, name)
                .attribute(MASTER, bridge)
                .nested(AF_SPEC, Links::withoutLinkLocal);
    }

    /**
     * How a port forwards.
     *
     * @param isolated whether it is kept from the other ports that are so, but not from the bridge itself
     */
    public static Message forwarding(String name, boolean isolated) {
        return header(new Message("RTM_NEWLINK " + name, NEW, 0), 0, 0, 0)
                .attribute(NAME, name)
                .nested(
                        LINK_INFO,
                        info -> info.attribute(INFO_SLAVE_KIND, BRIDGE)
                                .nested(
                                        INFO_SLAVE_DATA,
                                        data -> data.attributeByte(PORT_HAIRPIN, 1)
                                                .attributeByte(PORT_ISOLATED, isolated ? 1 : 0)));
    }

    /**
     * How the port of a tunnel forwards: the bridge believes no sender on it, and sends nothing back by it.
     *
     * @param isolated as in {@link #forwarding}
     */
    public static Message tunnelling(String name, boolean isolated) {
        return header(new Message("RTM_NEWLINK " + name, NEW, 0), 0, 0, 0)
                .attribute(NAME, name)
                .nested(
                        LINK_INFO,
                        info -> info.attribute(INFO_SLAVE_KIND, BRIDGE)
                                .nested(
                                        INFO_SLAVE_DATA,
                                        data -> data.attributeByte(PORT_HAIRPIN, 0)
                                                .attributeByte(PORT_LEARNING, 0)
                                                .attributeByte(PORT_ISOLATED, isolated ? 1 : 0)));
    }

    /** Stops a port at once: nothing comes in or goes out any more, and what was learned of its neighbours is forgotten. */
    public static Message stopped(String name) {
        return header(new Message("RTM_NEWLINK " + name, NEW, 0), 0, 0, 0)
                .attribute(NAME, name)
                .nested(
                        LINK_INFO,
                        info -> info.attribute(INFO_SLAVE_KIND, BRIDGE)
                                .nested(
                                        INFO_SLAVE_DATA,
                                        data -> data.attributeByte(PORT_STATE, 0)
                                                .attribute(PORT_FLUSH, new byte[0])));
    }

    /** The kernel gives it no fe80:: address of its own. */
    public static Message noLinkLocal(String name) {
        return header(new Message("RTM_SETLINK " + name, SET, 0), 0, 0, 0)
                .attribute(NAME, name)
                .nested(AF_SPEC, Links::withoutLinkLocal);
    }

    private static void withoutLinkLocal(Message spec) {
        spec.nested(AF_INET6, family -> family.attributeByte(ADDRESS_MODE, NO_ADDRESS));
    }

    /** Marks an interface, so that whoever finds it knows whose it is. */
    public static Message alias(String name, String alias) {
        return header(new Message("RTM_SETLINK " + name, SET, 0), 0, 0, 0)
                .attribute(NAME, name)
                .attribute(ALIAS, io.longshore.agent.linux.RawPath.bytes(alias));
    }

    /** Switches an interface on. */
    public static Message up(int index) {
        return header(new Message("RTM_SETLINK " + index, SET, 0), index, IFF_UP, IFF_UP);
    }

    /** Switches an interface on. */
    public static Message up(String name) {
        return header(new Message("RTM_SETLINK " + name, SET, 0), 0, IFF_UP, IFF_UP)
                .attribute(NAME, name);
    }

    /** Removes an interface, and the other end of a pair; ENODEV if there is none. */
    public static Message delete(String name) {
        return header(new Message("RTM_DELLINK " + name, DELETE, 0), 0, 0, 0).attribute(NAME, name);
    }

    /** The interface of that name. */
    public static Optional<Link> find(NetlinkSocket socket, String name) throws ErrnoException {
        List<Link> found = new ArrayList<>();
        Message question =
                header(new Message("RTM_GETLINK " + name, GET, 0), 0, 0, 0).attribute(NAME, name);
        try {
            socket.query(question, (type, content) -> take(type, content, found));
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENODEV)) {
                throw e;
            }
        }
        return found.stream().findFirst();
    }

    /**
     * Waits until an interface that was switched on carries. The kernel makes that so by the way, and at once for who asks (since Linux 6.8);
     * what is sent before is lost, and a first connection takes a second then.
     *
     * @return whether it does in time
     */
    public static boolean await(NetlinkSocket socket, String name, Duration patience) throws ErrnoException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<Link> found = find(socket, name);
            if (found.isPresent() && found.get().carries()) {
                return true;
            }
            if (found.isEmpty() || System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(200_000);
        }
    }

    /** All interfaces of the namespace. */
    public static List<Link> list(NetlinkSocket socket) throws ErrnoException {
        Supplier<Message> question = () -> header(new Message("RTM_GETLINK", GET, 0), 0, 0, 0);
        return socket.dump(question, () -> new NetlinkSocket.Dump<List<Link>>() {
            private final List<Link> found = new ArrayList<>();

            @Override
            public void take(int type, ByteBuffer content) {
                Links.take(type, content, found);
            }

            @Override
            public List<Link> result() {
                return found;
            }
        });
    }

    private static void take(int type, ByteBuffer content, List<Link> found) {
        if (type != NEW || content.remaining() < 16) {
            return;
        }
        var attributes = new Attributes(content.slice(16, content.limit() - 16));
        @Nullable Attributes info = attributes.nested(LINK_INFO);
        byte[] mac = attributes.bytes(ADDRESS);
        found.add(new Link(
                content.getInt(4),
                attributes.text(NAME),
                info == null ? "" : info.text(INFO_KIND),
                attributes.text(ALIAS),
                attributes.u32(MASTER),
                attributes.u32(MTU),
                (content.getInt(8) & IFF_UP) != 0,
                Arrays.equals(attributes.bytes(OPERATION), OPERATES),
                MAC.formatHex(mac)));
    }

    private static Message create(String name) {
        return header(new Message("RTM_NEWLINK " + name, NEW, Message.CREATE | Message.EXCLUSIVE), 0, 0, 0)
                .attribute(NAME, name);
    }

    private static void address(Message message, String mac) {
        if (!mac.isEmpty()) {
            message.attribute(ADDRESS, MAC.parseHex(mac));
        }
    }

    private static void mtu(Message message, int mtu) {
        if (mtu > 0) {
            message.attribute(MTU, mtu);
        }
    }

    /** struct ifinfomsg. */
    private static Message header(Message message, int index, int flags, int change) {
        return message.u8(0).u8(0).u16(0).u32(index).u32(flags).u32(change);
    }
}
