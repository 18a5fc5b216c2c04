package io.longshore.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.longshore.contracts.error.Failure;
import java.util.regex.Pattern;

/** A node's identity: 1 to 64 lower-case letters, digits and hyphens, kept in the node's state directory. */
public record NodeId(@JsonValue String value) {
    private static final Pattern SYNTAX = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    public NodeId {
        if (!SYNTAX.matcher(value).matches()) {
            throw new Failure.Invalid(
                    "invalid node id \"" + value + "\": want 1 to 64 lower-case letters, digits and hyphens");
        }
    }

    /** Reads a node id. */
    @JsonCreator
    public static NodeId parse(String text) {
        return new NodeId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
