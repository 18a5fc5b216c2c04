package io.longshore.oci.registry.call;

import io.longshore.contracts.registry.RegistryAccess;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HttpsSupport;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Who vouches for a registry, and who we are to it. Who vouches: the system's authorities, and those in the host's directory of {@link RegistryAccess#certificates}; nobody
 * has to where insecure registries are configured. The registry's authorities vouch for the servers that it leads to, too, such as its
 * token server, as in Docker; and who we are to it, by the pairs in its directory ({@link ClientCertificates}), we are to them. Thread-safe.
 */
final class Certificates implements TlsSocketStrategy {
    /** Certificate files of one host; each may hold a chain. */
    private static final int MAX_FILES = 64;

    private final String registry;
    private final RegistryAccess access;

    /** @param registry which is called, with a port where it is written */
    Certificates(String registry, RegistryAccess access) {
        this.registry = registry;
        this.access = access;
    }

    @Override
    public SSLSocket upgrade(Socket socket, String target, int port, Object attachment, HttpContext context)
            throws IOException {
        String host = target.indexOf(':') >= 0 && !target.startsWith("[") ? "[" + target + "]" : target;
        boolean insecure = RegistryHost.isInsecure(host, access) || RegistryHost.isInsecure(host + ":" + port, access);
        List<Path> directories = directories(target, port);
        try {
            DefaultClientTlsStrategy tls = insecure
                    ? new DefaultClientTlsStrategy(
                            context(directories, List.of(Anybody.TRUSTED)), (any, session) -> true)
                    : new DefaultClientTlsStrategy(
                            context(directories, trusted(directories)), HttpsSupport.getDefaultHostnameVerifier());
            return tls.upgrade(socket, target, port, attachment, context);
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS for " + target + " cannot be set up: " + e.getMessage(), e);
        }
    }

    private List<Path> directories(String host, int port) {
        return new LinkedHashSet<>(List.of(host + ":" + port, host, registry))
                .stream().map(Path.of(access.certificates())::resolve).toList();
    }

    private static SSLContext context(List<Path> directories, List<TrustManager> trust)
            throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                ClientCertificates.in(directories),
                trust.isEmpty() ? null : trust.toArray(TrustManager[]::new),
                new SecureRandom());
        return context;
    }

    /** The system's authorities and the host's; empty when the host has none of its own, which means the system's. */
    private static List<TrustManager> trusted(List<Path> directories) throws GeneralSecurityException, IOException {
        List<Certificate> own = new ArrayList<>();
        for (Path directory : directories) {
            own.addAll(read(directory));
        }
        if (own.isEmpty()) {
            return List.of();
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate certificate : own) {
            store.setCertificateEntry("own" + number++, certificate);
        }
        for (TrustManager system : managers(null)) {
            if (system instanceof X509TrustManager x509) {
                for (X509Certificate authority : x509.getAcceptedIssuers()) {
                    store.setCertificateEntry("system" + number++, authority);
                }
            }
        }
        return List.of(managers(store));
    }

    private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static List<Certificate> read(Path directory) throws GeneralSecurityException, IOException {
        List<Certificate> found = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return found;
        }
        int files = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*.crt")) {
            for (Path file : all) {
                if (++files > MAX_FILES) {
                    throw new IOException(directory + " has more than " + MAX_FILES + " files *.crt");
                }
                try (InputStream in = Files.newInputStream(file)) {
                    found.addAll(CertificateFactory.getInstance("X.509").generateCertificates(in));
                } catch (CertificateException e) {
                    throw new IOException(file + " is no certificate in PEM or DER: " + e.getMessage(), e);
                }
            }
        }
        return found;
    }

    /** Takes any certificate, as configured for a host. */
    private static final class Anybody extends X509ExtendedTrustManager {
        static final Anybody TRUSTED = new Anybody();

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
