package io.longshore.agent.log;

import io.longshore.contracts.error.Failure;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a log is wanted (Engine API, {@code GET /containers/{id}/logs}).
 *
 * @param stdout whether lines of standard output
 * @param stderr whether lines of standard error
 * @param follow whether to go on with what is written from now on, until the container ends
 * @param timestamps whether each line begins with its time
 * @param details whether what goes with a line (tag, labels, environment) stands before it
 * @param since lines before it are left out; null for no limit
 * @param until lines after it are left out; null for no limit
 * @param tail how many of the last lines, before all other choices; -1 for all
 */
public record LogQuery(
        boolean stdout,
        boolean stderr,
        boolean follow,
        boolean timestamps,
        boolean details,
        @Nullable Instant since,
        @Nullable Instant until,
        long tail) {

    /** Seconds and nanoseconds since 1970 as {@code 1700000000.123456789}; nothing and zero are no limit. */
    public static @Nullable Instant time(String name, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            BigDecimal seconds = new BigDecimal(text);
            if (seconds.signum() == 0) {
                return null;
            }
            long whole = seconds.longValue();
            return Instant.ofEpochSecond(
                    whole,
                    seconds.subtract(BigDecimal.valueOf(whole))
                            .movePointRight(9)
                            .longValue());
        } catch (NumberFormatException | ArithmeticException | DateTimeException e) {
            throw new Failure.Invalid(
                    "invalid value for \"" + name + "\": \"" + text + "\" is no time as seconds.nanoseconds", e);
        }
    }

    /** A number of lines; everything else, {@code all} above all, is all of them, as in Docker Engine. */
    public static long tail(@Nullable String text) {
        if (text == null || !text.matches("[0-9]{1,18}")) {
            return -1;
        }
        return Long.parseLong(text);
    }
}
