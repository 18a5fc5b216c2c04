package io.longshore.gateway.route;

import io.longshore.contracts.error.Failure;

/**
 * A version of the Engine API, such as 1.47. Between {@link #OLDEST} and {@link #NEWEST} a client may speak any.
 *
 * @param major always 1 so far
 * @param minor grows with each change
 */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    /** The oldest that is served. */
    public static final ApiVersion OLDEST = new ApiVersion(1, 24);
    /** The newest that is served, and what a request without a version means. */
    public static final ApiVersion NEWEST = new ApiVersion(1, io.longshore.platform.engine.ApiVersion.LATEST.minor());

    /** Longest text of a version; longer digits would not fit. */
    private static final int LONGEST = 9;

    /** Reads the version of a path's prefix, without the {@code v}; refuses one that is not served, as Docker Engine does. */
    public static ApiVersion parseServed(String text) {
        ApiVersion version = parse(text);
        if (version.compareTo(OLDEST) < 0) {
            throw new Failure.Invalid("client version " + text + " is too old. Minimum supported API version is "
                    + OLDEST + ", please upgrade your client to a newer version");
        }
        if (version.compareTo(NEWEST) > 0) {
            throw new Failure.Invalid(
                    "client version " + text + " is too new. Maximum supported API version is " + NEWEST);
        }
        return version;
    }

    private static ApiVersion parse(String text) {
        if (text.length() > LONGEST || !text.matches("\\d+(\\.\\d+)?")) {
            throw new Failure.Invalid("invalid API version \"" + text + "\": want one such as " + NEWEST);
        }
        int dot = text.indexOf('.');
        return dot < 0
                ? new ApiVersion(Integer.parseInt(text), 0)
                : new ApiVersion(Integer.parseInt(text.substring(0, dot)), Integer.parseInt(text.substring(dot + 1)));
    }

    @Override
    public int compareTo(ApiVersion other) {
        int byMajor = Integer.compare(major, other.major);
        return byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
