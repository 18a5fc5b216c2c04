package io.longshore.agent.linux.jna;

import com.sun.jna.Native;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import java.util.function.LongSupplier;

/** The one way from a C result to a Java result: -1 becomes the exception with errno, EINTR is tried again. */
final class Errors {
    private Errors() {}

    /**
     * @param call must end in the native call itself, so that nothing on this thread comes between it and the read of errno
     */
    static long check(String name, String detail, LongSupplier call) throws ErrnoException {
        while (true) {
            long result = call.getAsLong();
            if (result != -1) {
                return result;
            }
            int errno = Native.getLastError();
            if (errno != Errno.EINTR.number()) {
                throw new ErrnoException(name, detail, errno);
            }
        }
    }
}
