package io.longshore.container.list;

import io.longshore.contracts.error.Failure;
import java.util.regex.Pattern;

/**
 * A name or id that a client's regular expression is tried on. An expression that goes back and forth in it without an end, such as
 * {@code .*.*.*.*.*x}, is refused when it has read so many characters as no reasonable one needs; Docker's engine needs no such limit.
 */
final class MeteredText implements CharSequence {
    private static final int MOST = 20_000;

    private final Pattern pattern;
    private final String text;
    private int read;

    MeteredText(Pattern pattern, String text) {
        this.pattern = pattern;
        this.text = text;
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        if (++read > MOST) {
            throw new Failure.Invalid("invalid filter '" + pattern + "': the expression takes too long to match");
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
