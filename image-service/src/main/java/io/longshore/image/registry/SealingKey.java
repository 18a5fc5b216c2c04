package io.longshore.image.registry;

import io.longshore.platform.file.DurableFile;
import io.longshore.platform.file.PrivateDirectory;
import io.longshore.platform.file.PrivateFile;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that kept logins are sealed with, so that the database, its dumps and its replicas have no password: 32 random bytes, in a file
 * as base64. Every replica needs the same. Sealing is AES-256 in GCM (NIST SP 800-38D) with a random nonce of 12 bytes before the text;
 * the place that something is sealed for is authenticated, so that a row moved to another place does not open. Thread-safe.
 */
public final class SealingKey {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;

    private SealingKey(byte[] bytes) {
        this.key = new SecretKeySpec(bytes, "AES");
    }

    /** Reads a file; a {@link StartFailure} when it is no such key, or others may read it. */
    static SealingKey read(Path file) {
        try {
            if (PrivateFile.isOpen(file)) {
                throw new StartFailure(
                        "image.logins.key-file: others may read or write " + file + ": chmod 600 it, or make another");
            }
            byte[] bytes = Base64.getDecoder()
                    .decode(Files.readString(file, StandardCharsets.ISO_8859_1).strip());
            if (bytes.length != KEY_BYTES) {
                throw new StartFailure("image.logins.key-file: " + file + " has " + bytes.length + " bytes of key, not "
                        + KEY_BYTES + ": make one with \"head -c 32 /dev/urandom | base64\"");
            }
            return new SealingKey(bytes);
        } catch (IllegalArgumentException e) {
            throw new StartFailure("image.logins.key-file: " + file + " is not base64", e);
        } catch (IOException e) {
            throw new StartFailure("image.logins.key-file: cannot read " + file + ": " + e, e);
        }
    }

    /** Makes a new key, for root alone, in a directory for root alone, unless the file is there. */
    public static void makeIfMissing(Path file) {
        try {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            Path directory = PrivateDirectory.make(file.resolveSibling(".").normalize());
            DurableFile.syncDirectory(directory.resolve(".."));
            byte[] bytes = new byte[KEY_BYTES];
            RANDOM.nextBytes(bytes);
            DurableFile.write(
                    file, (Base64.getEncoder().encodeToString(bytes) + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new StartFailure("cannot make the key of kept logins " + file + ": " + e, e);
        }
    }

    /** Seals a text for a place. */
    byte[] seal(String text, String place) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot seal with " + ALGORITHM, e);
        }
    }

    /**
     * What was sealed for a place.
     *
     * @throws AEADBadTagException when it was sealed with another key, for another place, or has been changed
     */
    String open(byte[] sealed, String place) throws AEADBadTagException {
        if (sealed.length < NONCE_BYTES) {
            throw new AEADBadTagException("too short");
        }
        try {
            byte[] text = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE_BYTES), place)
                    .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
            return new String(text, StandardCharsets.UTF_8);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot open what is sealed with " + ALGORITHM, e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
