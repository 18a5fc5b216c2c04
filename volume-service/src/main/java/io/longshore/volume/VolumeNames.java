package io.longshore.volume;

import io.longshore.contracts.error.Failure;
import java.util.regex.Pattern;

/** How volumes may be called: as the local driver has it, since a name is that of a directory. */
final class VolumeNames {
    private static final Pattern SYNTAX = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}");
    private static final int SHOWN = 255;

    private VolumeNames() {}

    /** {@code Invalid} in Docker's words. */
    static void check(String name) {
        String shown = name.substring(0, Math.min(name.length(), SHOWN));
        if (name.length() == 1) {
            throw new Failure.Invalid("create " + shown
                    + ": volume name is too short, names should be at least two alphanumeric characters");
        }
        if (name.length() > SHOWN) {
            throw new Failure.Invalid("create " + shown + "...: volume name is too long, names should be at most "
                    + SHOWN + " characters");
        }
        if (!SYNTAX.matcher(name).matches()) {
            throw new Failure.Invalid("create " + shown + ": \"" + shown
                    + "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are"
                    + " allowed. If you intended to pass a host directory, use absolute path");
        }
    }
}
