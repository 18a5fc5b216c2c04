package io.longshore.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.longshore.contracts.error.Failure;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 content digest, {@code sha256:} and 64 lower-case hexadecimal digits (OCI image spec, descriptor.md, Digests).
 * It names blobs, image configurations (image ids), layers (diff ids) and layer stacks (chain ids).
 */
public record Digest(@JsonValue String value) implements Comparable<Digest> {
    private static final String PREFIX = "sha256:";

    public Digest {
        if (!value.startsWith(PREFIX) || !HexId.isValid(value.substring(PREFIX.length()))) {
            throw new Failure.Invalid(
                    "invalid digest \"" + value + "\": want sha256: and 64 lower-case hexadecimal digits");
        }
    }

    /** Reads {@code sha256:...}. */
    @JsonCreator
    public static Digest parse(String text) {
        return new Digest(text);
    }

    /** The digest with these 64 hexadecimal digits. */
    public static Digest ofHex(String hex) {
        return new Digest(PREFIX + hex);
    }

    /** The digest of the given bytes. */
    public static Digest of(byte[] content) {
        return ofHash(sha256().digest(content));
    }

    /** The digest with this 32-byte hash. */
    public static Digest ofHash(byte[] hash) {
        return new Digest(PREFIX + HexFormat.of().formatHex(hash));
    }

    /** A new SHA-256 computation. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The 64 hexadecimal digits. */
    public String hex() {
        return value.substring(PREFIX.length());
    }

    @Override
    public int compareTo(Digest other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
