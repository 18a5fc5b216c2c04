package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.ErrnoException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Requests about who is a tunnel's neighbour ({@code linux/neighbour.h}): which address has which interface (ARP and neighbour discovery), and
 * to which node frames for an interface go (the forwarding database).
 */
public final class Neighbours {
    private static final int NEW = 28;
    private static final int DELETE = 29;
    private static final int GET = 30;
    private static final int DESTINATION = 1;
    private static final int HARDWARE = 2;
    private static final int INDEX = 8;

    private static final int AF_BRIDGE = 7;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    /** The tunnel's own table, or that of the bridge whose port it is. */
    private static final int SELF = 2;

    private static final int MASTER = 4;
    /** It stays where it is, whoever sends under its address from elsewhere. */
    private static final int STICKY = 0x40;

    private static final int PERMANENT = 0x80;
    /** What bridge(8) calls static; permanent would be the bridge itself. */
    private static final int NO_ARP = 0x40;

    private static final int HEADER = 12;
    private static final HexFormat MAC = HexFormat.ofDelimiter(":");

    private Neighbours() {}

    /**
     * Something that a tunnel knows. For an entry of the bridge's forwarding database there is no address.
     *
     * @param table which
     * @param mac of the interface, as {@code 02:42:ac:11:00:02}
     * @param address of the interface, or of the node where it is; of no bytes for none
     */
    public record Entry(Table table, String mac, String address) {}

    /** What knows it. */
    public enum Table {
        /** The bridge: frames for the interface go into the tunnel. */
        BRIDGE,
        /** The tunnel: they go to the node with this address. */
        TUNNEL,
        /** Who asks for this address is told the interface. */
        ADDRESS
    }

    /** Adds an entry, in the place of another of the same key: the address in ADDRESS, else the interface. */
    public static Message add(int link, Entry entry) {
        return of(new Message("RTM_NEWNEIGH " + entry, NEW, Message.CREATE | Message.REPLACE), link, entry);
    }

    /** Takes it away; ENOENT if it is not there. */
    public static Message delete(int link, Entry entry) {
        return of(new Message("RTM_DELNEIGH " + entry, DELETE, 0), link, entry);
    }

    private static Message of(Message message, int link, Entry entry) {
        byte[] mac = MAC.parseHex(entry.mac());
        return switch (entry.table()) {
            case BRIDGE ->
                header(message, AF_BRIDGE, link, NO_ARP, MASTER | STICKY).attribute(HARDWARE, mac);
            case TUNNEL ->
                header(message, AF_BRIDGE, link, PERMANENT, SELF)
                        .attribute(HARDWARE, mac)
                        .attribute(DESTINATION, Cidr.address(entry.address()).getAddress());
            case ADDRESS -> {
                InetAddress address = Cidr.address(entry.address());
                int family = address.getAddress().length == 4 ? AF_INET : AF_INET6;
                yield header(message, family, link, PERMANENT, 0)
                        .attribute(DESTINATION, address.getAddress())
                        .attribute(HARDWARE, mac);
            }
        };
    }

    /** All lasting entries of a tunnel that is a bridge's port, in all tables. */
    public static Set<Entry> list(NetlinkSocket socket, int link) throws ErrnoException {
        Set<Entry> all = new HashSet<>(dump(socket, link, () -> entries(link, AF_BRIDGE)));
        all.addAll(dump(socket, link, () -> entries(link, AF_INET)));
        all.addAll(dump(socket, link, () -> entries(link, AF_INET6)));
        return all;
    }

    private static Message entries(int link, int family) {
        return header(new Message("RTM_GETNEIGH", GET, 0), family, 0, 0, 0).attribute(INDEX, link);
    }

    private static Set<Entry> dump(NetlinkSocket socket, int link, Supplier<Message> question) throws ErrnoException {
        return socket.dump(question, () -> new NetlinkSocket.Dump<Set<Entry>>() {
            private final Set<Entry> found = new HashSet<>();

            @Override
            public void take(int type, ByteBuffer content) {
                if (type == NEW && content.remaining() >= HEADER && content.getInt(4) == link) {
                    Neighbours.take(content, found);
                }
            }

            @Override
            public Set<Entry> result() {
                return found;
            }
        });
    }

    private static void take(ByteBuffer content, Set<Entry> found) {
        int family = Byte.toUnsignedInt(content.get(0));
        int state = Short.toUnsignedInt(content.getShort(8));
        int flags = Byte.toUnsignedInt(content.get(10));
        var attributes = new Attributes(content.slice(HEADER, content.limit() - HEADER));
        byte[] address = attributes.bytes(DESTINATION);
        byte[] mac = attributes.bytes(HARDWARE);
        boolean has = address.length == 4 || address.length == 16;
        if (mac.length != 6) {
            return;
        }
        if (family != AF_BRIDGE) {
            if (has && (state & PERMANENT) != 0) {
                found.add(new Entry(Table.ADDRESS, MAC.formatHex(mac), Cidr.text(Addresses.of(address))));
            }
        } else if ((flags & SELF) == 0) {
            if ((state & NO_ARP) != 0) {
                found.add(new Entry(Table.BRIDGE, MAC.formatHex(mac), ""));
            }
        } else if (has) {
            found.add(new Entry(Table.TUNNEL, MAC.formatHex(mac), Cidr.text(Addresses.of(address))));
        }
    }

    /** struct ndmsg. */
    private static Message header(Message message, int family, int link, int state, int flags) {
        return message.u8(family).u8(0).u16(0).u32(link).u16(state).u8(flags).u8(0);
    }
}
