package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A client's regular expression. In all the texts that it is tried on it may read so many characters as no reasonable one needs, since one
 * such as {@code (a*)*b} goes back and forth without an end. For one thread.
 */
final class Expression {
    private static final int MOST = 500_000;

    private final String option;
    private final Pattern pattern;
    private int read;

    private Expression(String option, Pattern pattern) {
        this.option = option;
        this.pattern = pattern;
    }

    /** @param option that it is the value of, for messages */
    static Expression parse(String option, String text) {
        try {
            return new Expression(option, Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid(
                    "invalid " + option + " '" + text + "': error parsing regexp: " + e.getDescription(), e);
        }
    }

    /** Whether it matches somewhere. */
    boolean foundIn(String text) {
        try {
            return pattern.matcher(new Metered(text)).find();
        } catch (StackOverflowError e) {
            throw tooMuch();
        }
    }

    private Failure tooMuch() {
        return new Failure.Invalid("invalid " + option + " '" + pattern + "': the expression takes too long to match");
    }

    private final class Metered implements CharSequence {
        private final String text;

        Metered(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++read > MOST) {
                throw tooMuch();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
