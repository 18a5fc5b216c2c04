package io.longshore.agent.linux.jna;

import com.sun.jna.Memory;
import io.longshore.agent.linux.Fd;
import java.util.List;

/** A message with descriptors (unix(7), SCM_RIGHTS) as sendmsg(2) takes it: struct msghdr, and behind it what it points to. */
final class Rights {
    private static final long MSGHDR_SIZE = 56;
    private static final long IOV = 16;
    private static final long IOVLEN = 24;
    private static final long CONTROL = 32;
    private static final long CONTROLLEN = 40;
    /** struct iovec: base, length; and the one byte that it points to, in eight. */
    private static final long VECTOR = MSGHDR_SIZE;

    private static final long BYTE = VECTOR + 16;
    private static final long CMSG = BYTE + 8;
    /** struct cmsghdr: length, level, type. */
    private static final long CMSGHDR_SIZE = 16;

    private static final int SCM_RIGHTS = 1;

    private Rights() {}

    static Memory message(List<Fd> descriptors) {
        long data = CMSGHDR_SIZE + (long) Integer.BYTES * descriptors.size();
        long space = (data + 7) & ~7L;
        var message = new Memory(CMSG + space);
        message.clear();
        message.setPointer(IOV, message.share(VECTOR));
        message.setLong(IOVLEN, 1);
        message.setPointer(CONTROL, message.share(CMSG));
        message.setLong(CONTROLLEN, space);
        message.setPointer(VECTOR, message.share(BYTE));
        message.setLong(VECTOR + 8, 1);
        message.setLong(CMSG, data);
        message.setInt(CMSG + 8, SysSocket.SOL_SOCKET);
        message.setInt(CMSG + 12, SCM_RIGHTS);
        for (int i = 0; i < descriptors.size(); i++) {
            message.setInt(
                    CMSG + CMSGHDR_SIZE + (long) Integer.BYTES * i,
                    descriptors.get(i).number());
        }
        return message;
    }
}
