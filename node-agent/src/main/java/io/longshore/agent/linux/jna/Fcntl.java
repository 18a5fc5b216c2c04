package io.longshore.agent.linux.jna;

import com.sun.jna.Native;

/** fcntl.h. */
final class Fcntl {
    static final int F_DUPFD_CLOEXEC = 1030;
    static final int F_ADD_SEALS = 1033;
    static final int F_GET_SEALS = 1034;

    static {
        Native.register(Fcntl.class, "c");
    }

    private Fcntl() {}

    static native int fcntl(int fd, int command, long argument);
}
