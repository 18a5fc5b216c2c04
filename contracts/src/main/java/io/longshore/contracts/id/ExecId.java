package io.longshore.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.longshore.contracts.error.Failure;

/** The identity of an exec session: 64 lower-case hexadecimal digits, chosen at random when it is made. */
public record ExecId(@JsonValue String value) {
    public ExecId {
        if (!HexId.isValid(value)) {
            throw new Failure.NotFound("No such exec instance: " + value.substring(0, Math.min(value.length(), 100)));
        }
    }

    /** Reads the 64-digit form; {@code NOT_FOUND} for anything else, since no session is called so. */
    @JsonCreator
    public static ExecId parse(String text) {
        return new ExecId(text);
    }

    /** A new identity. */
    public static ExecId random() {
        return new ExecId(ContainerId.random().value());
    }

    /** The first twelve digits. */
    public String shortForm() {
        return value.substring(0, 12);
    }

    @Override
    public String toString() {
        return value;
    }
}
