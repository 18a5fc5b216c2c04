package io.longshore.oci.registry.call;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;

/** Who we are to servers that ask: pairs of files {@code NAME.cert} and {@code NAME.key}, both PEM, as in Docker's {@code certs.d}. */
final class ClientCertificates {
    private static final int MAX_PAIRS = 16;
    private static final long MAX_BYTES = 1 << 20;
    private static final String CERTIFICATE = ".cert";
    private static final String KEY = ".key";
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private ClientCertificates() {}

    /** What the pairs of these directories, of which some are not there, are shown with; null when there is none. */
    static KeyManager @Nullable [] in(List<Path> directories) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        char[] none = {};
        for (Path directory : directories) {
            for (Path certificate : certificates(directory)) {
                Certificate[] chain = chain(certificate);
                PrivateKey key = key(
                        other(certificate, CERTIFICATE, KEY),
                        chain[0].getPublicKey().getAlgorithm());
                store.setKeyEntry("pair" + store.size(), key, none, chain);
            }
        }
        if (store.size() == 0) {
            return null;
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, none);
        return factory.getKeyManagers();
    }

    /** The certificates of a directory; each has its key, and each key its certificate. */
    private static List<Path> certificates(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*{" + CERTIFICATE + "," + KEY + "}")) {
            for (Path file : all) {
                boolean isKey = file.toString().endsWith(KEY);
                Path other = isKey ? other(file, KEY, CERTIFICATE) : other(file, CERTIFICATE, KEY);
                if (!Files.exists(other)) {
                    throw new IOException(
                            isKey
                                    ? "missing client certificate " + other + " for key " + file
                                    : "missing key " + other + " for client certificate " + file
                                            + ": certificates of authorities are named *.crt");
                }
                if (!isKey) {
                    found.add(file);
                }
                if (found.size() > MAX_PAIRS) {
                    throw new IOException(directory + " has more than " + MAX_PAIRS + " files *" + CERTIFICATE);
                }
            }
        }
        return found;
    }

    private static Path other(Path file, String ending, String wanted) {
        String name = String.valueOf(file.getFileName());
        return file.resolveSibling(name.substring(0, name.length() - ending.length()) + wanted);
    }

    private static Certificate[] chain(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new IOException(file + " has no certificate in it");
            }
            return chain;
        } catch (CertificateException e) {
            throw new IOException(file + " is no certificate in PEM or DER: " + e.getMessage(), e);
        }
    }

    /** RFC 5958 in RFC 7468. */
    private static PrivateKey key(Path file, String algorithm) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is no key: it has more than " + MAX_BYTES + " bytes");
        }
        Matcher pem = PKCS8.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new IOException(file + " has no \"BEGIN PRIVATE KEY\" in it: keys must be in PKCS #8, not encrypted;"
                    + " \"openssl pkcs8 -topk8 -nocrypt\" makes one of another");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the reason, which may have a part of the key.
            throw new IOException(file + " is no " + algorithm + " key, as its certificate has");
        }
    }
}
