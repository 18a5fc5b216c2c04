package io.longshore.platform.engine;

import io.longshore.contracts.error.Failure;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as clients give them in filters: seconds since the epoch, RFC 3339 whole or in part (UTC), or a Go duration before now. */
public final class Timestamps {
    private static final Pattern UNIX = Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,9})?");
    private static final Pattern DURATION = Pattern.compile("([0-9]+(\\.[0-9]+)?(ms|us|ns|h|m|s))+");
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|us|ns|h|m|s)");

    private Timestamps() {}

    /** Reads one; {@link Failure.Invalid} names it. */
    public static Instant parse(String what, String text, Instant now) {
        try {
            if (UNIX.matcher(text).matches()) {
                BigDecimal seconds = new BigDecimal(text);
                long whole = seconds.longValue();
                return Instant.ofEpochSecond(
                        whole,
                        seconds.subtract(BigDecimal.valueOf(whole))
                                .movePointRight(9)
                                .longValue());
            }
            if (DURATION.matcher(text).matches()) {
                return now.minus(duration(text));
            }
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            boolean zoned = text.endsWith("Z") || text.matches(".*T.*[+-][0-9]{2}:[0-9]{2}");
            return zoned
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException | ArithmeticException e) {
            throw new Failure.Invalid("invalid " + what + " \"" + text + "\": want seconds, RFC 3339 or a duration", e);
        }
    }

    /** Nanoseconds since the epoch, as the Engine counts time; the end of their range for what lies beyond. */
    public static long nanos(Instant instant) {
        try {
            return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
        } catch (ArithmeticException e) {
            return instant.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    private static Duration duration(String text) {
        Duration total = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            BigDecimal nanos = new BigDecimal(part.group(1))
                    .multiply(BigDecimal.valueOf(
                            switch (part.group(2)) {
                                case "h" -> 3_600_000_000_000L;
                                case "m" -> 60_000_000_000L;
                                case "s" -> 1_000_000_000L;
                                case "ms" -> 1_000_000L;
                                case "us" -> 1_000L;
                                default -> 1L;
                            }));
            total = total.plusNanos(nanos.toBigInteger().longValueExact());
        }
        return total;
    }
}
