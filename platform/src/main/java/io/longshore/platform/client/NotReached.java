package io.longshore.platform.client;

import java.io.IOException;
import java.net.ConnectException;

/** No connection to a part came about, so that it has seen nothing of what was to be sent: another replica may be asked. */
public final class NotReached extends ConnectException {
    private static final long serialVersionUID = 1L;

    private NotReached(String message, IOException cause) {
        super(message);
        initCause(cause);
    }

    /** Why connecting failed; the same where the thread was interrupted, since nobody waits any more. */
    public static IOException because(IOException cause) {
        return cause instanceof NotReached || Thread.currentThread().isInterrupted()
                ? cause
                : new NotReached(String.valueOf(cause.getMessage()), cause);
    }

    /** The last of several, with what was the matter with each. */
    static NotReached all(String each, IOException last) {
        return new NotReached(each, last);
    }
}
