package io.longshore.image.store;

import io.longshore.contracts.error.Failure;
import java.util.function.Supplier;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;

/** Transactions that met another one at the same row: done again, they see what that one did. */
public final class Attempts {
    private static final int MOST = 10;

    private Attempts() {}

    /** Runs the transaction, again if it lost against another one. */
    public static <T> T of(Supplier<T> transaction) {
        for (int i = 1; ; i++) {
            try {
                return transaction.get();
            } catch (ConcurrencyFailureException | DataIntegrityViolationException e) {
                if (i == MOST) {
                    throw new Failure.Unavailable("the image is being changed by others; try again", e);
                }
            }
        }
    }
}
