package io.longshore.postgres;

import org.jspecify.annotations.Nullable;

/** The server cannot be unpacked, initialised, started or stopped. The message is for the operator and says what to do. */
public final class PostgresFailure extends RuntimeException {
    PostgresFailure(String message) {
        super(message);
    }

    PostgresFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
