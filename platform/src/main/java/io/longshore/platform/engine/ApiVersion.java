package io.longshore.platform.engine;

import org.jspecify.annotations.Nullable;

/**
 * The version of the Engine API that a client speaks.
 *
 * @param minor 24 to 51; the major version is 1
 */
public record ApiVersion(int minor) {
    /** The latest, which a client without a version speaks. */
    public static final ApiVersion LATEST = new ApiVersion(51);

    /** Reads {@code 1.47} as the gateway has checked it; absent is the latest. */
    public static ApiVersion parse(@Nullable String text) {
        return text == null || !text.matches("1\\.[0-9]{1,3}")
                ? LATEST
                : new ApiVersion(Integer.parseInt(text.substring(2)));
    }

    /** Whether the client knows what came with the given minor version. */
    public boolean atLeast(int other) {
        return minor >= other;
    }
}
