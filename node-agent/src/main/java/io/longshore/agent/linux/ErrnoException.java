package io.longshore.agent.linux;

import java.io.IOException;

/** A system call failed. The message names the call, what it was for, and the error: {@code mkdirat a/b: EEXIST: file exists}. */
public final class ErrnoException extends IOException {
    private final String call;
    private final int number;

    /** @param detail the path or value at fault; may be empty */
    public ErrnoException(String call, String detail, int number) {
        this(call, detail, number, "");
    }

    /** @param explanation the kernel's own, which may be empty */
    public ErrnoException(String call, String detail, int number, String explanation) {
        super(call + (detail.isEmpty() ? "" : " " + detail) + ": " + describe(number)
                + (explanation.isEmpty() ? "" : " (" + explanation + ")"));
        this.call = call;
        this.number = number;
    }

    /** The error as people look it up: {@code ENOENT: no such file or directory}. */
    public static String describe(int number) {
        Errno errno = Errno.of(number);
        return errno == Errno.UNKNOWN ? "errno " + number : errno.name() + ": " + errno.text();
    }

    /** The system call's name, as in section 2 of the manual. */
    public String call() {
        return call;
    }

    public Errno errno() {
        return Errno.of(number);
    }

    public int number() {
        return number;
    }

    public boolean is(Errno errno) {
        return number == errno.number();
    }
}
