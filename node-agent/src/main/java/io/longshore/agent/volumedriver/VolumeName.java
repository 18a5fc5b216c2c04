package io.longshore.agent.volumedriver;

import io.longshore.contracts.error.Failure;
import java.util.regex.Pattern;

/**
 * A volume's name: a letter or digit, then letters, digits, underscores, dots and hyphens, 2 to 255 characters in all. It is the name of
 * a directory, so the syntax leaves no way to another one.
 */
public record VolumeName(String value) implements Comparable<VolumeName> {
    private static final Pattern SYNTAX = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}");

    public VolumeName {
        if (!SYNTAX.matcher(value).matches()) {
            throw new Failure.Invalid("invalid volume name \"" + value
                    + "\": want 2 to 255 of [a-zA-Z0-9_.-], beginning with a letter or digit");
        }
    }

    /** Reads a name. */
    public static VolumeName parse(String text) {
        return new VolumeName(text);
    }

    @Override
    public int compareTo(VolumeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
