package io.longshore.platform.identity;

import io.longshore.contracts.error.Failure;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys as text (RFC 7468). What is read is bounded and may come from anywhere. */
public final class Pem {
    /** Of a chain; the fleet's are of two. */
    private static final int MOST_CERTIFICATES = 8;

    private static final int LONGEST = 64 * 1024;
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    /** One after the other, as they are given. */
    public static String of(List<X509Certificate> certificates) {
        StringBuilder text = new StringBuilder();
        try {
            for (X509Certificate certificate : certificates) {
                text.append(block("CERTIFICATE", certificate.getEncoded()));
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
        return text.toString();
    }

    /** PKCS #8, not encrypted (RFC 5958): for a file that nobody else reads. */
    public static String of(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded());
    }

    static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** At least one certificate; {@link Failure.Invalid} says what {@code what} is instead. */
    public static List<X509Certificate> certificates(String what, String text) {
        List<X509Certificate> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (byte[] der : blocks(what, text, "CERTIFICATE")) {
                found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            }
        } catch (CertificateException e) {
            throw new Failure.Invalid(what + " is no certificate (RFC 5280): " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new Failure.Invalid(what + " has no \"BEGIN CERTIFICATE\" in it");
        }
        return List.copyOf(found);
    }

    /** A key on an elliptic curve; {@link Failure.Invalid} says that {@code what} is none, and nothing of what it is. */
    public static PrivateKey privateKey(String what, String text) {
        List<byte[]> blocks = blocks(what, text, "PRIVATE KEY");
        if (blocks.size() != 1) {
            throw new Failure.Invalid(what + " has " + blocks.size() + " times \"BEGIN PRIVATE KEY\" in it: want one,"
                    + " in PKCS #8 and not encrypted");
        }
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(blocks.getFirst()));
        } catch (GeneralSecurityException e) {
            throw new Failure.Invalid(what + " is no key on an elliptic curve");
        }
    }

    static List<byte[]> blocks(String what, String text, String label) {
        if (text.length() > LONGEST) {
            throw new Failure.Invalid(what + " has more than " + LONGEST + " characters");
        }
        List<byte[]> found = new ArrayList<>();
        Matcher block = Pattern.compile("-----BEGIN " + label + "-----([A-Za-z0-9+/=\\s]*)-----END " + label + "-----")
                .matcher(text);
        while (block.find()) {
            if (found.size() == MOST_CERTIFICATES) {
                throw new Failure.Invalid(what + " has more than " + MOST_CERTIFICATES + " blocks of " + label);
            }
            try {
                found.add(Base64.getMimeDecoder().decode(block.group(1).getBytes(StandardCharsets.US_ASCII)));
            } catch (IllegalArgumentException e) {
                throw new Failure.Invalid(what + " is not base64", e);
            }
        }
        return found;
    }
}
