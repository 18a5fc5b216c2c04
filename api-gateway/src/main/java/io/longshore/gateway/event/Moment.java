package io.longshore.gateway.event;

import io.longshore.contracts.error.Failure;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** Points in time as clients send them: seconds since the epoch with up to nine decimals, or RFC 3339. */
final class Moment {
    private static final BigDecimal BILLION = BigDecimal.valueOf(1_000_000_000L);

    private Moment() {}

    /** Nanoseconds since the epoch. */
    static long parse(String parameter, String text) {
        try {
            if (text.length() <= 40 && text.matches("-?\\d+(\\.\\d+)?")) {
                return new BigDecimal(text)
                        .multiply(BILLION)
                        .setScale(0, RoundingMode.DOWN)
                        .longValueExact();
            }
            return nanos(OffsetDateTime.parse(text).toInstant());
        } catch (ArithmeticException | DateTimeParseException e) {
            throw new Failure.Invalid(
                    "invalid value \"" + text + "\" for " + parameter + ": want seconds since the epoch", e);
        }
    }

    static long now() {
        return nanos(Instant.now());
    }

    private static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }
}
