package io.longshore.platform.web;

import io.longshore.contracts.error.Failure;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionUsageException;

/** What a problem that a controller threw is to whoever called it: the same over HTTP and within a JVM. */
public final class Failures {
    /** As deep as causes are looked at. */
    private static final int DEEPEST = 8;
    /** Classes of SQLSTATE (PostgreSQL, appendix A): connection, resources, an operator's stop, the system. */
    private static final Set<String> TROUBLE = Set.of("08", "53", "57", "58");

    /** Who asks again in a moment finds the disk as full. */
    private static final String DISK_FULL = "53100";

    private Failures() {}

    /** The failure; {@link Failure.Internal}, which tells nothing of its cause, for a defect. */
    public static Failure of(Throwable problem) {
        Failure foreseen = foreseen(problem);
        return foreseen != null
                ? foreseen
                : new Failure.Internal("internal error: " + problem.getClass().getSimpleName(), problem);
    }

    /** The failure that the problem is or hides; null for a defect. */
    static @Nullable Failure foreseen(Throwable problem) {
        Failure hidden = find(problem, Failure.class);
        if (hidden != null) {
            return hidden;
        }
        if (problem instanceof InterruptedException) {
            return new Failure.Unavailable("stopping: ask again in a moment", problem);
        }
        if (find(problem, OptimisticLockingFailureException.class) != null) {
            return new Failure.Conflict("somebody else changed this at the same time: try again", problem);
        }
        SQLException sql = find(problem, SQLException.class);
        String state = sql == null ? null : sql.getSQLState();
        if (DISK_FULL.equals(state)) {
            return new Failure.Internal("the database cannot write: no space left on device", problem);
        }
        return isDatabaseTrouble(problem, state)
                ? new Failure.Unavailable("the database does not answer as it should: try again in a moment", problem)
                : null;
    }

    private static boolean isDatabaseTrouble(Throwable problem, @Nullable String state) {
        TransactionException transaction = find(problem, TransactionException.class);
        return find(problem, TransientDataAccessException.class) != null
                || find(problem, NonTransientDataAccessResourceException.class) != null
                || find(problem, RecoverableDataAccessException.class) != null
                || (transaction != null && !(transaction instanceof TransactionUsageException))
                || isLostTransaction(problem)
                || (state != null && state.length() == 5 && TROUBLE.contains(state.substring(0, 2)));
    }

    /** Whether one could not begin or end on its connection; without a cause of JDBC it is used wrongly, a defect. */
    private static boolean isLostTransaction(Throwable problem) {
        Throwable transaction = find(problem, org.hibernate.TransactionException.class);
        return transaction != null && find(transaction, SQLException.class) != null;
    }

    /** The first of this type among the problem and its causes. */
    static <T extends Throwable> @Nullable T find(Throwable problem, Class<T> type) {
        Throwable at = problem;
        for (int depth = 0; at != null && depth < DEEPEST; depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
            at = at.getCause();
        }
        return null;
    }
}
