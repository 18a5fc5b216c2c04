package io.longshore.contracts.error;

/** The kinds of failure. Each maps to one HTTP status, in one place ({@code platform.web.HttpStatuses}). */
public enum ErrorKind {
    /** The named object does not exist. */
    NOT_FOUND,
    /** The request is wrong, whatever the state. */
    INVALID,
    /** The request does not fit the present state. */
    CONFLICT,
    /** There is nothing to do: the object is in that state already. */
    NOT_MODIFIED,
    /** Who calls is not known. */
    UNAUTHENTICATED,
    /** Who calls is known, and may not. */
    FORBIDDEN,
    /** A part that is needed does not answer; the same request may succeed later. */
    UNAVAILABLE,
    /** The Engine API has this, Longshore does not (yet). */
    NOT_IMPLEMENTED,
    /** The body or a value in it is larger than allowed. */
    TOO_LARGE,
    /** The deadline of the call passed before the work was done. */
    DEADLINE_EXCEEDED,
    /** Anything else: a defect or a failing machine. */
    INTERNAL;

    /** The exception of this kind with the given message. */
    public Failure failure(String message) {
        return switch (this) {
            case NOT_FOUND -> new Failure.NotFound(message);
            case INVALID -> new Failure.Invalid(message);
            case CONFLICT -> new Failure.Conflict(message);
            case NOT_MODIFIED -> new Failure.NotModified(message);
            case UNAUTHENTICATED -> new Failure.Unauthenticated(message);
            case FORBIDDEN -> new Failure.Forbidden(message);
            case UNAVAILABLE -> new Failure.Unavailable(message);
            case NOT_IMPLEMENTED -> new Failure.NotImplemented(message);
            case TOO_LARGE -> new Failure.TooLarge(message);
            case DEADLINE_EXCEEDED -> new Failure.DeadlineExceeded(message);
            case INTERNAL -> new Failure.Internal(message);
        };
    }
}
