package io.longshore.platform.engine;

import io.longshore.contracts.error.Failure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The version of the Engine API that a client speaks.
 *
 * @param minor 24 to 51; the major version is 1
 */
public record ApiVersion(int minor) {
    /** The oldest that is served. */
    public static final ApiVersion OLDEST = new ApiVersion(24);
    /** The latest, which a client without a version speaks. */
    public static final ApiVersion LATEST = new ApiVersion(51);

    private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,4})(?:\\.([0-9]{1,4}))?");

    /** Reads {@code 1.47} as the gateway has checked it; absent is the latest. */
    public static ApiVersion parse(@Nullable String text) {
        return text == null || !text.matches("1\\.[0-9]{1,3}")
                ? LATEST
                : new ApiVersion(Integer.parseInt(text.substring(2)));
    }

    /** Reads the version of a path's prefix, without the {@code v}; refuses one that is not served, as Docker Engine does. */
    public static ApiVersion parseServed(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new Failure.Invalid("invalid API version \"" + text + "\": want one such as " + LATEST);
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        if (major < 1 || (major == 1 && minor < OLDEST.minor)) {
            throw new Failure.Invalid("client version " + text + " is too old. Minimum supported API version is "
                    + OLDEST + ", please upgrade your client to a newer version");
        }
        if (major > 1 || minor > LATEST.minor) {
            throw new Failure.Invalid(
                    "client version " + text + " is too new. Maximum supported API version is " + LATEST);
        }
        return new ApiVersion(minor);
    }

    /** Whether the client knows what came with the given minor version. */
    public boolean atLeast(int other) {
        return minor >= other;
    }

    @Override
    public String toString() {
        return "1." + minor;
    }
}
