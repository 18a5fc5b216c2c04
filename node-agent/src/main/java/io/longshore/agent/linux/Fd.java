package io.longshore.agent.linux;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * An open file descriptor of this process, always close-on-exec. Closing twice is harmless. Thread-safe, but the owner must
 * not close it while another thread is in a call with it: the kernel may hand the number out again at once.
 */
public final class Fd implements AutoCloseable {
    /** Stands for the working directory in the *at calls. Closing it does nothing. */
    public static final Fd CWD = new Fd(-100, number -> {});

    private final int number;
    private final IntConsumer closer;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param closer what close(2)s the number; called at most once */
    public Fd(int number, IntConsumer closer) {
        this.number = number;
        this.closer = closer;
    }

    /** The number, for a system call or for {@link #procPath()}. */
    public int number() {
        if (closed.get() && this != CWD) {
            throw new IllegalStateException("descriptor " + number + " is closed");
        }
        return number;
    }

    /**
     * {@code /proc/self/fd/N}: the same file by a path, for the calls that know no descriptor and for {@code java.nio}.
     * Good even for a descriptor opened with O_PATH.
     */
    public String procPath() {
        return "/proc/self/fd/" + number();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closer.accept(number);
        }
    }

    @Override
    public String toString() {
        return this == CWD ? "cwd" : "fd " + number;
    }
}
