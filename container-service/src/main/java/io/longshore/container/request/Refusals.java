package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a field that asks for something Longshore does not have is turned down: never silently, always with its value. */
final class Refusals {
    private static final int SHOWN = 200;

    private Refusals() {}

    /** The failure for a field and the value it was given. */
    static Failure notYet(String field, Object value, String instead) {
        String text = String.valueOf(value);
        String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return new Failure.NotImplemented(field + " = " + shown + " is not available in Longshore yet" + instead);
    }

    /** Refuses a value that is set: not null, empty, zero or false. */
    static void unlessUnset(String field, @Nullable Object value) {
        boolean unset = switch (value) {
            case null -> true;
            case String text -> text.isEmpty();
            case Collection<?> values -> values.isEmpty();
            case Map<?, ?> map -> map.isEmpty();
            case Number number -> number.longValue() == 0;
            case Boolean flag -> !flag;
            default -> false;
        };
        if (value != null && !unset) {
            throw notYet(field, value, "; leave it out");
        }
    }
}
