package io.longshore.platform.web;

import java.util.Locale;

/**
 * A flag in a query as the Engine reads it: absent, empty, {@code 0}, {@code no}, {@code false} and {@code none} are false in any
 * case, everything else is true (Engine API clients send {@code 1}, {@code true}, {@code True}).
 */
public final class GoBoolean {
    private GoBoolean() {}

    /** The flag's value. */
    public static boolean parse(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "", "0", "no", "false", "none" -> false;
            default -> true;
        };
    }
}
