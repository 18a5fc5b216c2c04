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
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
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

    private volatile boolean asksWho;

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
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted());
        context.init(factory.getKeyManagers(), trust.getTrustManagers(), null);
        SSLServerSocket opened = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server = opened;
        Thread.startVirtualThread(() -> {
            try (SSLSocket client = (SSLSocket) opened.accept()) {
                client.setNeedClientAuth(asksWho);
                client.startHandshake();
                // In TLS 1.3 the client is done before the server has looked at who it is.
                client.getOutputStream().write(1);
                client.getInputStream().readAllBytes();
            } catch (IOException e) {
                // The client did not believe it.
            }
        });
    }

    /** Its own certificate's owner alone. */
    private static KeyStore trusted() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("itself", keys.getCertificate("server"));
        return store;
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void vouch(String directory) throws Exception {
        put(directory, "ca.crt", "CERTIFICATE", keys.getCertificate("server").getEncoded());
    }

    private void put(String directory, String name, String kind, byte[] der) throws IOException {
        Files.writeString(
                Files.createDirectories(certificates.resolve(directory)).resolve(name),
                "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + kind
                        + "-----\n");
    }

    /** A pair by which the server knows us. */
    private void know(String directory) throws Exception {
        put(
                directory,
                "client.cert",
                "CERTIFICATE",
                keys.getCertificate("server").getEncoded());
        put(
                directory,
                "client.key",
                "PRIVATE KEY",
                keys.getKey("server", PASSWORD).getEncoded());
    }

    /** Shakes hands as with a host of that name, called for a registry. */
    private String connect(String registry, String host, List<String> insecure) throws IOException {
        RegistryAccess access = new RegistryAccess(
                insecure, List.of(), List.of(), certificates.toString(), RegistryAccess.IDLE_SECONDS);
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
        try (SSLSocket socket =
                new Certificates(registry, access).upgrade(plain, host, 5000, "", HttpClientContext.create())) {
            if (socket.getInputStream().read() < 0) {
                throw new SSLException("the server went away");
            }
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

    @Test
    void aServerThatAsksIsShownThePairOfItsDirectory() throws Exception {
        asksWho = true;
        vouch(HOST);
        assertThatThrownBy(() -> connect(HOST + ":5000", HOST, List.of())).isInstanceOf(IOException.class);
        serve();
        know(HOST + ":5000");
        assertThat(connect(HOST + ":5000", HOST, List.of())).isEqualTo("CN=test");
    }

    @Test
    void whereTheRegistryLeadsItsPairIsShownToo() throws Exception {
        asksWho = true;
        vouch("other.example:443");
        know("other.example:443");
        assertThat(connect("other.example:443", HOST, List.of())).isEqualTo("CN=test");
    }

    @Test
    void halfAPairIsSaidToBe() throws Exception {
        vouch(HOST);
        know(HOST);
        Path key = certificates.resolve(HOST).resolve("client.key");
        Files.delete(key);
        refused("missing key " + key, "*.crt");
        Files.delete(certificates.resolve(HOST).resolve("client.cert"));
        put(HOST, "client.key", "PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded());
        refused("missing client certificate", key.toString());
    }

    @Test
    void whatIsNoKeyIsSaidToBeAndNotShown() throws Exception {
        vouch(HOST);
        know(HOST);
        byte[] der = keys.getKey("server", PASSWORD).getEncoded();
        put(HOST, "client.key", "EC PRIVATE KEY", der);
        refused("client.key", "openssl pkcs8 -topk8");
        put(HOST, "client.key", "PRIVATE KEY", Arrays.copyOf(der, der.length / 2));
        refused("client.key is no EC key");
        put(HOST, "client.cert", "PRIVATE KEY", der);
        refused("client.cert");
    }

    private void refused(String... words) {
        assertThatThrownBy(() -> connect(HOST + ":5000", HOST, List.of()))
                .isInstanceOf(IOException.class)
                .message()
                .contains(words);
    }
}
