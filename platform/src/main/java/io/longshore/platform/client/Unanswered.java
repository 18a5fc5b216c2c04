package io.longshore.platform.client;

import java.io.IOException;

/** A connection ended before any answer: whether what was asked for was done is not known. */
final class Unanswered extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean idempotent;

    /** @param idempotent whether it does no harm to ask again */
    Unanswered(IOException cause, boolean idempotent) {
        super(cause.getMessage(), cause);
        this.idempotent = idempotent;
    }

    boolean isIdempotent() {
        return idempotent;
    }
}
