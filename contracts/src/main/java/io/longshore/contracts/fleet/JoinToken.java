package io.longshore.contracts.fleet;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What lets a machine into the fleet: {@code longshore-join-FINGERPRINT-ID-SECRET}, all of them hexadecimal. By the fingerprint the machine
 * knows the fleet before it tells the secret to anybody.
 *
 * @param fingerprint SHA-256 of the certificate of the fleet's authority, 64 digits
 * @param id what is public of it, 12 digits
 * @param secret 64 digits
 */
public record JoinToken(String fingerprint, String id, String secret) {
    private static final Pattern SYNTAX =
            Pattern.compile("longshore-join-([0-9a-f]{64})-([0-9a-f]{12})-([0-9a-f]{64})");
    private static final int ID_BYTES = 6;
    private static final int SECRET_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A new one. */
    public static JoinToken random(String fingerprint) {
        return new JoinToken(fingerprint, hex(ID_BYTES), hex(SECRET_BYTES));
    }

    private static String hex(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Reads one; {@link Failure.Unauthenticated} does not repeat it. */
    public static JoinToken parse(String text) {
        Matcher parts = SYNTAX.matcher(text);
        if (!parts.matches()) {
            throw new Failure.Unauthenticated(
                    "this is no join token: want longshore-join-... as \"POST /api/v1/join-tokens\" answers it");
        }
        return new JoinToken(parts.group(1), parts.group(2), parts.group(3));
    }

    /** What is kept of the secret: SHA-256. */
    public Digest hash() {
        return Digest.of(secret.getBytes(StandardCharsets.US_ASCII));
    }

    /** As a machine is given it. */
    public String text() {
        return "longshore-join-" + fingerprint + "-" + id + "-" + secret;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "join token " + id;
    }
}
