package io.longshore.standalone.plan;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as the docker command takes them. */
final class Sizes {
    private static final Pattern BYTES = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?([kmgtp]?)(?:i?b)?");
    private static final Map<String, Integer> SHIFTS = Map.of("", 0, "k", 10, "m", 20, "g", 30, "t", 40, "p", 50);
    private static final BigDecimal NANO = BigDecimal.valueOf(1_000_000_000);

    private Sizes() {}

    /** {@code 64m}, {@code 1.5g}, {@code -1}. */
    static long bytes(String option, String text) {
        if (text.equals("-1")) {
            return -1;
        }
        Matcher matcher = BYTES.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new PlanRefused("--" + option + " " + text + " is no size: want a number with b, k, m, g, t or p");
        }
        long unit = 1L << SHIFTS.getOrDefault(matcher.group(2), 0);
        return new BigDecimal(matcher.group(1))
                .multiply(BigDecimal.valueOf(unit))
                .longValue();
    }

    static long number(String option, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new PlanRefused("--" + option + " " + text + " is no number");
        }
    }

    /** Billionths of a CPU. */
    static long nanoCpus(String text) {
        try {
            return new BigDecimal(text).multiply(NANO).longValueExact();
        } catch (NumberFormatException | ArithmeticException e) {
            throw new PlanRefused("--cpus " + text + " is no number of processors");
        }
    }
}
