package io.longshore.platform.stream;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a peer that has closed its connection from one that has ended its direction and still listens: to a reader both are the end, and
 * Java says no more. poll(2) does: {@code POLLHUP} is of the former alone. Over TCP it shows when a keep-alive has been refused.
 */
final class HangUp {
    private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

    private static final MemoryLayout POLLFD = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("fd"),
            ValueLayout.JAVA_SHORT.withName("events"),
            ValueLayout.JAVA_SHORT.withName("revents"));

    private static final long EVENTS = 4;
    private static final long REVENTS = 6;
    private static final int POLLERR = 0x008;
    private static final int POLLHUP = 0x010;
    private static final int POLLRDHUP = 0x2000;

    private HangUp() {}

    /** What asks. A class of its own, so that it is made when the first client has ended its direction. */
    private static final class Kernel {
        static final @Nullable Method DESCRIPTOR;
        /** Null if it cannot be called, or the descriptor not be had. */
        static final @Nullable MethodHandle POLL;

        static {
            Method descriptor = null;
            MethodHandle poll = null;
            try {
                descriptor = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
                poll = poll();
                if (!Object.class.getModule().isExported("sun.nio.ch", HangUp.class.getModule())) {
                    throw new IllegalCallerException(
                            "Java was started without --add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
                }
            } catch (ReflectiveOperationException | RuntimeException e) {
                LOG.warn(
                        "clients that go away while nothing is said to them stay connected until something is: {}",
                        e.toString());
                poll = null;
            }
            DESCRIPTOR = descriptor;
            POLL = poll;
        }

        private Kernel() {}

        @SuppressWarnings("restricted")
        private static MethodHandle poll() {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("poll"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        }
    }

    /**
     * Whether the peer has closed the connection, or it is broken; false if nobody can know.
     *
     * @param halfCloses whether one that has ended its direction still listens
     */
    static boolean of(SocketChannel channel, boolean halfCloses) {
        Method descriptor = Kernel.DESCRIPTOR;
        MethodHandle poll = Kernel.POLL;
        if (descriptor == null || poll == null) {
            return false;
        }
        int gone = POLLERR | POLLHUP | (halfCloses ? 0 : POLLRDHUP);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment asked = arena.allocate(POLLFD);
            asked.set(ValueLayout.JAVA_INT, 0, (int) descriptor.invoke(channel));
            asked.set(ValueLayout.JAVA_SHORT, EVENTS, (short) POLLRDHUP);
            int found = (int) poll.invokeExact(asked, 1L, 0);
            return found > 0 && (asked.get(ValueLayout.JAVA_SHORT, REVENTS) & gone) != 0;
        } catch (Throwable e) { // what a method handle declares
            LOG.debug("whether a client listens is not known: {}", e.toString());
            return false;
        }
    }
}
