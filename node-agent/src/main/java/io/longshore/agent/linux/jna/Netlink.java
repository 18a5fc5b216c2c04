package io.longshore.agent.linux.jna;

import static io.longshore.agent.linux.jna.Errors.check;

import io.longshore.agent.linux.ErrnoException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Opens sockets of linux/netlink.h. */
final class Netlink {
    private static final int ADDRESS_BYTES = 12;

    private Netlink() {}

    static int open(int protocol, int group) throws ErrnoException {
        String what = "netlink protocol " + protocol;
        int socket = (int) check(
                "socket", what, () -> SysSocket.socket(SysSocket.AF_NETLINK, SysSocket.SOCK_RAW_CLOEXEC, protocol));
        try {
            byte[] address = ByteBuffer.allocate(ADDRESS_BYTES)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) SysSocket.AF_NETLINK)
                    .array();
            check("bind", what, () -> SysSocket.bind(socket, address, address.length));
            set(socket, SysSocket.NETLINK_EXT_ACK, 1);
            set(socket, SysSocket.NETLINK_CAP_ACK, 1);
            set(socket, SysSocket.NETLINK_GET_STRICT_CHK, 1);
            if (group > 0) {
                set(socket, SysSocket.NETLINK_ADD_MEMBERSHIP, group);
            }
            return socket;
        } catch (ErrnoException e) {
            Unistd.close(socket);
            throw e;
        }
    }

    private static void set(int socket, int option, int value) throws ErrnoException {
        int[] word = {value};
        check(
                "setsockopt",
                "netlink option " + option,
                () -> SysSocket.setsockopt(socket, SysSocket.SOL_NETLINK, option, word, Integer.BYTES));
    }
}
