package io.longshore.platform.client;

import java.io.IOException;

/** A connection ended before any answer: whether what was asked for was done is not known. */
final class Unanswered extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean again;

    /** @param again whether it does no harm to ask again */
    Unanswered(IOException cause, boolean again) {
        super(cause.getMessage(), cause);
        this.again = again;
    }

    boolean mayGoAgain() {
        return again;
    }
}
