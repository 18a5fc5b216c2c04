package io.longshore.container.request;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.longshore.contracts.error.Failure;

/**
 * A client's regular expression, as Docker reads it: RE2, in which no expression goes back and forth. What remains is that one may come to
 * many steps, and be tried on many texts; both are bounded. For one thread.
 */
final class Expression {
    /** In characters. */
    private static final int LONGEST = 500;
    /** Its characters times all its counts, which is no less than its steps: each takes some microseconds and 100 bytes. */
    private static final long MOST_STEPS = 400_000;

    private static final java.util.regex.Pattern COUNT =
            java.util.regex.Pattern.compile("\\{([0-9]+)(?:,([0-9]*))?\\}");
    /** Steps of the expression times characters of all texts: a good second's work. */
    private static final long MOST = 50_000_000;

    private final String option;
    private final Pattern pattern;
    private long work;

    private Expression(String option, Pattern pattern) {
        this.option = option;
        this.pattern = pattern;
    }

    /** @param option that it is the value of, for messages */
    static Expression parse(String option, String text) {
        if (text.length() > LONGEST) {
            throw new Failure.Invalid("invalid " + option + ": the expression has " + text.length()
                    + " characters, at most " + LONGEST + " can be");
        }
        if (steps(text) > MOST_STEPS) {
            throw new Failure.Invalid(
                    "invalid " + option + " '" + text + "': the expression repeats too often what it repeats");
        }
        try {
            return new Expression(option, Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid(
                    "invalid " + option + " '" + text + "': error parsing regexp: " + e.getDescription(), e);
        }
    }

    private static double steps(String text) {
        return COUNT.matcher(text)
                .results()
                .mapToDouble(count -> {
                    String last = count.group(2);
                    return Math.max(1, Double.parseDouble(last == null || last.isEmpty() ? count.group(1) : last));
                })
                .reduce(text.length(), (product, count) -> product * count);
    }

    /** Whether it matches somewhere. */
    boolean foundIn(String text) {
        work += (long) pattern.programSize() * (text.length() + 1);
        if (work > MOST) {
            throw new Failure.Invalid(
                    "invalid " + option + " '" + pattern + "': the expression takes too long to match");
        }
        return pattern.matcher(text).find();
    }
}
