package io.longshore.contracts.error;

import org.jspecify.annotations.Nullable;

/**
 * A refusal or failure with a kind that survives every hop between processes. The message is what the client reads, so it
 * names the thing and the value at fault; no status code appears below a controller. Refusals with a name of their own
 * ({@code VolumeInUse}) extend one of the nested kinds.
 */
public abstract sealed class Failure extends RuntimeException {
    private final ErrorKind kind;

    private Failure(ErrorKind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** The kind, which decides the HTTP status. */
    public final ErrorKind kind() {
        return kind;
    }

    /** The message for the client, never null. */
    public final String text() {
        String message = getMessage();
        return message == null ? kind.name() : message;
    }

    /** The named object does not exist. */
    public static non-sealed class NotFound extends Failure {
        public NotFound(String message) {
            super(ErrorKind.NOT_FOUND, message, null);
        }

        public NotFound(String message, Throwable cause) {
            super(ErrorKind.NOT_FOUND, message, cause);
        }
    }

    /** The request is wrong, whatever the state. */
    public static non-sealed class Invalid extends Failure {
        public Invalid(String message) {
            super(ErrorKind.INVALID, message, null);
        }

        public Invalid(String message, Throwable cause) {
            super(ErrorKind.INVALID, message, cause);
        }
    }

    /** The request does not fit the present state. */
    public static non-sealed class Conflict extends Failure {
        public Conflict(String message) {
            super(ErrorKind.CONFLICT, message, null);
        }

        public Conflict(String message, Throwable cause) {
            super(ErrorKind.CONFLICT, message, cause);
        }
    }

    /** Nothing to do: the object is in that state already. */
    public static non-sealed class NotModified extends Failure {
        public NotModified(String message) {
            super(ErrorKind.NOT_MODIFIED, message, null);
        }

        public NotModified(String message, Throwable cause) {
            super(ErrorKind.NOT_MODIFIED, message, cause);
        }
    }

    /** Who calls is not known. */
    public static non-sealed class Unauthenticated extends Failure {
        public Unauthenticated(String message) {
            super(ErrorKind.UNAUTHENTICATED, message, null);
        }

        public Unauthenticated(String message, Throwable cause) {
            super(ErrorKind.UNAUTHENTICATED, message, cause);
        }
    }

    /** Who calls may not do this. */
    public static non-sealed class Forbidden extends Failure {
        public Forbidden(String message) {
            super(ErrorKind.FORBIDDEN, message, null);
        }

        public Forbidden(String message, Throwable cause) {
            super(ErrorKind.FORBIDDEN, message, cause);
        }
    }

    /** A part that is needed does not answer. */
    public static non-sealed class Unavailable extends Failure {
        public Unavailable(String message) {
            super(ErrorKind.UNAVAILABLE, message, null);
        }

        public Unavailable(String message, Throwable cause) {
            super(ErrorKind.UNAVAILABLE, message, cause);
        }
    }

    /** Part of the Engine API that Longshore does not have. */
    public static non-sealed class NotImplemented extends Failure {
        public NotImplemented(String message) {
            super(ErrorKind.NOT_IMPLEMENTED, message, null);
        }

        public NotImplemented(String message, Throwable cause) {
            super(ErrorKind.NOT_IMPLEMENTED, message, cause);
        }
    }

    /** A body or value is larger than allowed. */
    public static non-sealed class TooLarge extends Failure {
        public TooLarge(String message) {
            super(ErrorKind.TOO_LARGE, message, null);
        }

        public TooLarge(String message, Throwable cause) {
            super(ErrorKind.TOO_LARGE, message, cause);
        }
    }

    /** The deadline of the call passed. */
    public static non-sealed class DeadlineExceeded extends Failure {
        public DeadlineExceeded(String message) {
            super(ErrorKind.DEADLINE_EXCEEDED, message, null);
        }

        public DeadlineExceeded(String message, Throwable cause) {
            super(ErrorKind.DEADLINE_EXCEEDED, message, cause);
        }
    }

    /** A defect or a failing machine. */
    public static non-sealed class Internal extends Failure {
        public Internal(String message) {
            super(ErrorKind.INTERNAL, message, null);
        }

        public Internal(String message, Throwable cause) {
            super(ErrorKind.INTERNAL, message, cause);
        }
    }
}
