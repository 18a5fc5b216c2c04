package io.longshore.platform.run;

/** A part cannot start, for a reason that whoever started it can mend: the message says what to do. */
public final class StartFailure extends RuntimeException {
    public StartFailure(String message) {
        super(message);
    }

    public StartFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
