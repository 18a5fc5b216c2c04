package io.longshore.image.store;

import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Images here have one platform each: what asks for one of several, or for the list of them, is refused by name and not ignored. */
public final class OnePlatform {
    private static final List<String> NO = List.of("", "0", "false", "[]", "null");

    private OnePlatform() {}

    /** Refuses the query parameter when it asks for something. */
    public static void refuse(String parameter, String @Nullable [] values) {
        for (String value : values == null ? new String[0] : values) {
            if (!NO.contains(value.strip().toLowerCase(Locale.ROOT))) {
                throw new Failure.NotImplemented(parameter + "=" + value
                        + " is not supported: an image here has one platform; leave the parameter out");
            }
        }
    }
}
