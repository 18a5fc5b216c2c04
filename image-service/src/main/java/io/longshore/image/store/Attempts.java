package io.longshore.image.store;

import io.longshore.contracts.error.Failure;
import java.sql.SQLException;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;

/** Transactions that met another one at the same row: done again, they see what that one did. */
public final class Attempts {
    private static final int MOST = 10;
    /** A row that another transaction added or took at the same time (PostgreSQL, appendix A: unique_violation, foreign_key_violation). */
    private static final Set<String> RACES = Set.of("23505", "23503");

    private Attempts() {}

    /** Runs the transaction, again if it lost against another one. */
    public static <T> T of(Supplier<T> transaction) {
        for (int i = 1; ; i++) {
            try {
                return transaction.get();
            } catch (ConcurrencyFailureException | DataIntegrityViolationException e) {
                if (e instanceof DataIntegrityViolationException && !RACES.contains(state(e))) {
                    throw e; // Done again it would fail again.
                }
                if (i == MOST) {
                    throw new Failure.Unavailable("what is to be changed is being changed by others; try again", e);
                }
            }
        }
    }

    private static String state(Throwable failure) {
        for (@Nullable Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }
}
