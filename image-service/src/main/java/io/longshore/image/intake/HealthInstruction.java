package io.longshore.image.intake;

import io.longshore.contracts.container.Healthcheck;
import io.longshore.contracts.error.Failure;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The argument of HEALTHCHECK: {@code NONE}, or options and {@code CMD} with a command (Dockerfile reference, "HEALTHCHECK"). */
final class HealthInstruction {
    private static final Pattern OPTION = Pattern.compile("--([a-z-]+)=(\\S*)\\s*");
    private static final Pattern COMMAND = Pattern.compile("(?is)(\\S+)(?:\\s+(.*))?");
    /** As Go writes durations: 1m30s, 1.5h, 500ms. */
    private static final Pattern DURATION = Pattern.compile("(?:[0-9]{1,9}(?:\\.[0-9]{1,9})?(?:ns|us|µs|ms|s|m|h))+");

    private static final Pattern PART = Pattern.compile("([0-9.]+)([a-zµ]+)");
    private static final Map<String, Long> UNITS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);
    private static final List<String> OPTIONS =
            List.of("interval", "timeout", "start-period", "start-interval", "retries");
    /** Half of what fits into 64 bits of nanoseconds: 146 years. */
    private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE / 2);

    private HealthInstruction() {}

    /** {@link Failure.Invalid} says what is wrong with it. */
    static Healthcheck parse(String argument) {
        Map<String, String> options = new HashMap<>();
        Matcher option = OPTION.matcher(argument);
        int at = 0;
        while (option.region(at, argument.length()).lookingAt()) {
            if (!OPTIONS.contains(option.group(1))) {
                throw new Failure.Invalid("unknown flag: --" + option.group(1));
            }
            options.put(option.group(1), option.group(2));
            at = option.end();
        }
        Matcher command = COMMAND.matcher(argument.substring(at));
        if (!command.matches()) {
            throw new Failure.Invalid("missing command after HEALTHCHECK: NONE, or CMD and a command");
        }
        String type = command.group(1);
        String words = command.group(2) == null ? "" : command.group(2).strip();
        if (type.equalsIgnoreCase("NONE")) {
            if (!words.isEmpty() || !options.isEmpty()) {
                throw new Failure.Invalid("HEALTHCHECK NONE takes no arguments");
            }
            return new Healthcheck(List.of("NONE"), null, null, null, null, null);
        }
        if (!type.equalsIgnoreCase("CMD")) {
            throw new Failure.Invalid("unknown type \"" + type.substring(0, Math.min(100, type.length()))
                    + "\" in HEALTHCHECK (try CMD)");
        }
        if (words.isEmpty()) {
            throw new Failure.Invalid("missing command after HEALTHCHECK CMD");
        }
        return new Healthcheck(
                test(words),
                duration("interval", options.get("interval")),
                duration("timeout", options.get("timeout")),
                retries(options.get("retries")),
                duration("start-period", options.get("start-period")),
                duration("start-interval", options.get("start-interval")));
    }

    private static List<String> test(String words) {
        List<String> array = Instructions.array(words);
        return array == null
                ? List.of("CMD-SHELL", words)
                : Stream.concat(Stream.of("CMD"), array.stream()).toList();
    }

    private static @Nullable Integer retries(@Nullable String value) {
        if (value == null) {
            return null;
        }
        if (!value.matches("[0-9]{1,9}")) {
            throw new Failure.Invalid("--retries must be a number of at least 0, not \"" + value + "\"");
        }
        return Integer.valueOf(value);
    }

    /** Nanoseconds. */
    private static @Nullable Long duration(String option, @Nullable String value) {
        if (value == null) {
            return null;
        }
        if (value.equals("0")) {
            return 0L;
        }
        if (value.length() > 100 || !DURATION.matcher(value).matches()) {
            throw new Failure.Invalid("--" + option + ": invalid duration \""
                    + value.substring(0, Math.min(100, value.length())) + "\", write it as 30s or 1m30s");
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(value);
        while (part.find()) {
            nanos = nanos.add(
                    new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(UNITS.getOrDefault(part.group(2), 0L))));
        }
        long result = nanos.min(LONGEST).setScale(0, RoundingMode.DOWN).longValueExact();
        if (result > 0 && result < 1_000_000) {
            throw new Failure.Invalid("Interval \"" + option + "\" cannot be less than 1ms");
        }
        return result;
    }
}
