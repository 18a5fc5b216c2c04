package io.longshore.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.longshore.contracts.error.Failure;
import java.security.SecureRandom;
import java.util.HexFormat;

/** A container's identity: 64 lower-case hexadecimal digits, chosen at random at create. */
public record ContainerId(@JsonValue String value) {
    private static final SecureRandom RANDOM = new SecureRandom();

    public ContainerId {
        if (!HexId.isValid(value)) {
            throw new Failure.Invalid("invalid container id \"" + value + "\": want 64 lower-case hexadecimal digits");
        }
    }

    /** Reads the 64-digit form; prefixes and names are resolved by container-service. */
    @JsonCreator
    public static ContainerId parse(String text) {
        return new ContainerId(text);
    }

    /** A new identity. Never all digits in its first twelve, so that the short form cannot be read as a number. */
    public static ContainerId random() {
        byte[] bytes = new byte[32];
        while (true) {
            RANDOM.nextBytes(bytes);
            String hex = HexFormat.of().formatHex(bytes);
            if (!hex.substring(0, 12).chars().allMatch(Character::isDigit)) {
                return new ContainerId(hex);
            }
        }
    }

    /** The first twelve digits, as {@code docker ps} shows them. */
    public String shortForm() {
        return value.substring(0, 12);
    }

    @Override
    public String toString() {
        return value;
    }
}
