package io.longshore.oci.registry.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.registry.RegistryAccess;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a server with a certificate for {@code registry.example}, which it vouches for itself, is believed by. */
class CertificatesTest {
    private static final String HOST = "registry.example";
    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    static Path shared;

    @TempDir
    private Path certificates;

    @SuppressWarnings("NullAway.Init")
    private static KeyStore keys;

    @SuppressWarnings("NullAway.Init")
    private SSLServerSocket server;

    @BeforeAll
    static void makeKeys() throws Exception {
        Path file = shared.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=test",
                        "-ext",
                        "san=dns:" + HOST,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        file.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
    }

    @BeforeEach
    void serve() throws Exception {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        SSLServerSocket opened = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server = opened;
        Thread.startVirtualThread(() -> {
            try (SSLSocket client = (SSLSocket) opened.accept()) {
                client.startHandshake();
                client.getInputStream().readAllBytes();
            } catch (IOException e) {
                // The client did not believe it.
            }
        });
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void vouch(String directory) throws Exception {
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(keys.getCertificate("server").getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        Files.writeString(
                Files.createDirectories(certificates.resolve(directory)).resolve("ca.crt"), pem);
    }

    /** Shakes hands as with a host of that name, called for a registry. */
    private String connect(String registry, String host, List<String> insecure) throws IOException {
        RegistryAccess access = new RegistryAccess(
                insecure, List.of(), List.of(), certificates.toString(), RegistryAccess.IDLE_SECONDS);
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
        try (SSLSocket socket =
                new Certificates(registry, access).upgrade(plain, host, 5000, "", HttpClientContext.create())) {
            return socket.getSession().getPeerPrincipal().getName();
        } finally {
            plain.close();
        }
    }

    @Test
    void nobodyVouches() {
        assertThatThrownBy(() -> connect(HOST + ":5000", HOST, List.of())).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void theDirectoryOfHostAndPortVouches() throws Exception {
        vouch(HOST + ":5000");
        assertThat(connect(HOST + ":5000", HOST, List.of())).isEqualTo("CN=test");
    }

    @Test
    void theDirectoryOfTheHostVouches() throws Exception {
        vouch(HOST);
        assertThat(connect(HOST + ":5000", HOST, List.of())).isEqualTo("CN=test");
    }

    @Test
    void thatOfAnotherPortDoesNot() throws Exception {
        vouch(HOST + ":5001");
        assertThatThrownBy(() -> connect(HOST + ":5000", HOST, List.of())).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void theRegistrysVouchesForItsTokenServer() throws Exception {
        vouch("other.example");
        assertThat(connect("other.example", HOST, List.of())).isEqualTo("CN=test");
    }

    @Test
    void aNameThatIsNotInTheCertificateIsRefused() throws Exception {
        vouch("other.example");
        assertThatThrownBy(() -> connect("other.example", "other.example", List.of()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("other.example");
    }

    @Test
    void nobodyHasToVouchForWhatIsConfiguredAsInsecure() throws IOException {
        assertThat(connect(HOST + ":5000", HOST, List.of(HOST + ":5000"))).isEqualTo("CN=test");
        assertThat(RegistryHost.isInsecure("127.9.9.9:1", access(List.of()))).isTrue();
        assertThat(RegistryHost.isInsecure("128.0.0.1:1", access(List.of()))).isFalse();
    }

    private RegistryAccess access(List<String> insecure) {
        return new RegistryAccess(insecure, List.of(), List.of(), certificates.toString(), RegistryAccess.IDLE_SECONDS);
    }

    @Test
    void aFileThatIsNoCertificateIsNamed() throws IOException {
        Path file = Files.createDirectories(certificates.resolve(HOST)).resolve("ca.crt");
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> connect(HOST + ":5000", HOST, List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }
}
