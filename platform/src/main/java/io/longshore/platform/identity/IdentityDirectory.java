package io.longshore.platform.identity;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.file.DurableFile;
import io.longshore.platform.file.PrivateDirectory;
import io.longshore.platform.file.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.util.List;

/**
 * Where an identity is kept: {@code identity.key}, {@code identity.csr}, {@code identity.crt} and {@code authority.crt}, all PEM, in a directory
 * of root's alone. The key is there first, so that who asked and did not hear the answer asks again with the same one. For one thread.
 */
public final class IdentityDirectory {
    private static final String KEY = "identity.key";
    private static final String REQUEST = "identity.csr";
    private static final String CERTIFICATE = "identity.crt";
    private static final String AUTHORITY = "authority.crt";

    private final Path directory;

    /** @param directory made when something is kept */
    public IdentityDirectory(Path directory) {
        this.directory = directory;
    }

    /** Whether a certificate is there. */
    public boolean hasIdentity() {
        return Files.exists(directory.resolve(CERTIFICATE));
    }

    /** The identity; {@link Failure.Unavailable} says what is wrong with what is there, and what to do. */
    public Identity read() {
        try {
            return Identity.of(
                    key(),
                    Files.readString(directory.resolve(CERTIFICATE)),
                    Files.readString(directory.resolve(AUTHORITY)));
        } catch (IOException e) {
            throw new Failure.Unavailable(
                    "cannot read the identity in " + directory + ": " + e + "; \"longshore join\" makes one", e);
        } catch (Failure.Invalid e) {
            throw new Failure.Unavailable("the identity in " + directory + " is damaged: " + e.text(), e);
        }
    }

    /** What asks for a certificate for the key that is there; a key is made if none is. */
    public String request() throws IOException {
        Path request = directory.resolve(REQUEST);
        if (Files.exists(directory.resolve(KEY)) && Files.exists(request)) {
            return Files.readString(request);
        }
        if (hasIdentity()) {
            // It was put there by hand, or restored: the key stays.
            Identity there = read();
            String text = SigningRequest.text(new KeyPair(there.certificate().getPublicKey(), there.key()));
            write(REQUEST, text);
            return text;
        }
        PrivateDirectory.make(directory);
        KeyPair made = SigningRequest.keys();
        write(KEY, Pem.of(made.getPrivate()));
        String text = SigningRequest.text(made);
        write(REQUEST, text);
        return text;
    }

    /** Keeps the certificate that {@link #request} was answered with; {@link Failure.Invalid} if it cannot be read, or is for another key. */
    public Identity keep(String certificate, String authority) throws IOException {
        Identity identity = Identity.of(key(), certificate, authority);
        write(AUTHORITY, Pem.of(List.of(identity.authority())));
        write(CERTIFICATE, Pem.of(List.of(identity.certificate())));
        return identity;
    }

    private PrivateKey key() throws IOException {
        Path key = directory.resolve(KEY);
        if (PrivateFile.isOpen(key)) {
            throw new Failure.Unavailable("others may read or write " + key + ": chmod 600 it, or join the fleet anew");
        }
        return Pem.privateKey(key.toString(), Files.readString(key));
    }

    private void write(String name, String text) throws IOException {
        DurableFile.write(directory.resolve(name), text.getBytes(StandardCharsets.US_ASCII));
    }
}
