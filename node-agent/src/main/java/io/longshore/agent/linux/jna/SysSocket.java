package io.longshore.agent.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** sys/socket.h. */
final class SysSocket {
    static final int AF_UNIX = 1;
    static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0x80000;
    static final int MSG_NOSIGNAL = 0x4000;
    static final int SOL_SOCKET = 1;
    static final int SO_RCVTIMEO = 20;
    static final int AF_NETLINK = 16;
    static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    static final int SOL_NETLINK = 270;
    static final int NETLINK_ADD_MEMBERSHIP = 1;
    static final int NETLINK_CAP_ACK = 10;
    static final int NETLINK_EXT_ACK = 11;
    static final int NETLINK_GET_STRICT_CHK = 12;

    static {
        Native.register(SysSocket.class, "c");
    }

    private SysSocket() {}

    static native int socket(int domain, int type, int protocol);

    static native int bind(int fd, byte[] address, int length);

    static native int listen(int fd, int backlog);

    static native int setsockopt(int fd, int level, int option, long[] value, int length);

    static native int setsockopt(int fd, int level, int option, int[] value, int length);

    static native int socketpair(int domain, int type, int protocol, int[] ends);

    static native long sendmsg(int fd, Pointer message, int flags);
}
