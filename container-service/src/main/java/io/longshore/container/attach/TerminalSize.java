package io.longshore.container.attach;

import io.longshore.contracts.error.Failure;

/** A height or width in a query, in characters. */
public final class TerminalSize {
    private static final int LARGEST = 65535;

    private TerminalSize() {}

    /** Reads it; {@link Failure.Invalid} names the parameter. */
    public static int parse(String name, String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > LARGEST) {
            throw new Failure.Invalid("invalid resize " + (name.equals("h") ? "height" : "width") + " \""
                    + text.substring(0, Math.min(text.length(), 100)) + "\": want a number from 0 to " + LARGEST);
        }
        return Integer.parseInt(text);
    }
}
