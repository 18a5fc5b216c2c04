package io.longshore.container.name;

import io.longshore.contracts.error.Failure;
import java.util.regex.Pattern;

/**
 * A container's name, without the slash that the Engine API shows before it.
 *
 * @param value at least two characters of [a-zA-Z0-9_.-], the first a letter or digit
 */
public record ContainerName(String value) {
    private static final Pattern SYNTAX = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
    /** A name becomes a host name and a directory entry elsewhere; nothing needs a longer one. */
    private static final int MAX_LENGTH = 255;

    public ContainerName {
        if (!SYNTAX.matcher(value).matches()) {
            throw new Failure.Invalid(
                    "Invalid container name (" + value + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
        if (value.length() > MAX_LENGTH) {
            throw new Failure.Invalid("Invalid container name (" + value.substring(0, 40) + "...), it has "
                    + value.length() + " characters and may have " + MAX_LENGTH);
        }
    }

    /** Reads a name, with or without its slash. */
    public static ContainerName parse(String text) {
        return new ContainerName(text.startsWith("/") ? text.substring(1) : text);
    }
}
