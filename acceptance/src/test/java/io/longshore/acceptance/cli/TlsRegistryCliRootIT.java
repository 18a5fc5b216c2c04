package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.process.Trees;
import io.longshore.testbed.registry.Authority;
import io.longshore.testbed.registry.DebianRegistry;
import io.longshore.testbed.registry.DebianRegistry.Options;
import io.longshore.testbed.registry.DebianRegistry.Tokens;
import io.longshore.testbed.registry.PrivateAddress;
import io.longshore.testbed.registry.TokenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Registries that are no loopback's: TLS with a certificate of a private authority, users with passwords and with tokens. */
class TlsRegistryCliRootIT extends RegistryCases {
    private static final SavedImage IMAGE = image("app:1");
    private static final Path CERTIFICATES = Path.of("/etc/docker/certs.d");

    private final List<AutoCloseable> running = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Authority authority;

    @SuppressWarnings("NullAway.Init")
    private String address;

    private @Nullable ProcessHandle neighbour;

    @BeforeEach
    void makeAuthority(RunningEngines.Started engines) throws IOException {
        directory = Files.createTempDirectory("longshore-tls-");
        neighbour = engines.of(subject.form()).neighbour();
        address = PrivateAddress.in(neighbour);
        authority = Authority.make(directory.resolve("authority"));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : running.reversed()) {
            one.close();
        }
        if (directory != null) {
            Trees.delete(directory);
        }
    }

    private DebianRegistry start(Options options) {
        DebianRegistry registry = DebianRegistry.start(directory.resolve("registry"), options, neighbour);
        running.add(registry);
        return registry;
    }

    /** With TLS and users with passwords; whom it is vouched for by, nobody knows yet. */
    private DebianRegistry keepers() {
        DebianRegistry registry = start(new Options(address, true, authority.issue("registry", address), null));
        registry.put(IMAGE, "app:1");
        return registry;
    }

    /** With TLS and tokens; the authority is known, and vouches for the token server, too. */
    private DebianRegistry tokens(@Nullable String realm) throws IOException {
        var signing = authority.selfSigned("signing", "token issuer");
        String tokens = realm;
        if (tokens == null) {
            TokenServer server = TokenServer.start(
                    directory.resolve("tokens"), address, authority.issue("tokens", address), signing, neighbour);
            running.add(server);
            tokens = server.realm();
        }
        DebianRegistry registry = start(new Options(
                address, false, authority.issue("registry", address), new Tokens(tokens, signing.certificate())));
        trust(registry);
        return registry;
    }

    /** Makes the authority known for the registry, as people do for Docker. */
    private void trust(DebianRegistry registry) throws IOException {
        Path known = Files.createDirectories(CERTIFICATES.resolve(registry.host()));
        running.add(() -> Trees.delete(known));
        Files.copy(authority.certificate(), known.resolve("ca.crt"));
    }

    /** A directory of clients' settings of the case's own, so that logins stay in it. */
    private String client(String line) {
        return "--config " + docker.home().resolve("client") + " " + line;
    }

    private Outcome login(DebianRegistry registry, String user, String password) {
        return docker.run(client("login -u " + user + " --password-stdin " + registry.host()), Docker.bytes(password));
    }

    private void push(DebianRegistry registry) {
        login(registry, DebianRegistry.USER, DebianRegistry.PASSWORD).ok();
        docker.probe("tag busybox " + registry.host() + "/app:1").ok();
        docker.probe(client("push -q " + registry.host() + "/app:1")).ok();
        docker.probe("rmi " + registry.host() + "/app:1").ok();
        docker.probe(client("logout " + registry.host())).ok();
    }

    @Test
    void loginPullPushAndLogout() throws IOException {
        DebianRegistry registry = keepers();
        trust(registry);
        String app = registry.host() + "/app:";
        docker.run(client("pull " + app + 1)).exits(1).says("no basic auth credentials");
        login(registry, DebianRegistry.USER, "wrong").exits(1).saysMatch("401");
        login(registry, DebianRegistry.USER, DebianRegistry.PASSWORD).ok().printsPart("Login Succeeded");
        docker.run(client("pull -q " + app + 1)).ok().prints(app + "1\n");
        docker.probe("tag " + app + "1 " + app + "2").ok();
        docker.probe(client("push -q " + app + 2)).ok();
        docker.probe("rmi " + app + "1 " + app + "2").ok();
        docker.run(client("run --rm --network none " + app + 2)).ok().prints("entry from image\n");
        docker.run(client("logout " + registry.host())).ok();
        docker.probe("rmi " + app + "2").ok();
        docker.run(client("pull " + app + 2)).exits(1).says("no basic auth credentials");
    }

    @Test
    void anAuthorityThatNobodyKnowsIsRefused() {
        DebianRegistry registry = keepers();
        docker.run("pull " + registry.host() + "/app:1")
                .exits(1)
                .says(registry.host(), "x509: certificate signed by unknown authority");
        login(registry, DebianRegistry.USER, DebianRegistry.PASSWORD).exits(1).says(registry.host(), "x509");
        assertThat(docker.home().resolve("client/config.json")).doesNotExist();
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() throws IOException {
        DebianRegistry registry = start(new Options(address, false, authority.issue("other", "192.0.2.1"), null));
        trust(registry);
        docker.run("pull " + registry.host() + "/app:1")
                .exits(1)
                .says(registry.host())
                .saysMatch("x509: certificate is (valid for 192\\.0\\.2\\.1, not|not valid for) " + address);
    }

    @Test
    void aRegistryThatAsksForACertificateIsShownThatOfItsDirectory() throws IOException {
        var server = authority.issue("registry", address);
        DebianRegistry registry = start(new Options(address, false, server, null, authority.certificate()));
        trust(registry);
        var client = authority.issue("client", address);
        Path pair = Files.createDirectory(directory.resolve("pair"));
        Files.copy(client.certificate(), pair.resolve("client.cert"));
        Files.copy(client.key(), pair.resolve("client.key"));
        registry.put(IMAGE, "app:1", "--dest-cert-dir", pair.toString());
        String app = registry.host() + "/app:";
        docker.run("pull " + app + 1)
                .exits(1)
                .says(registry.host())
                .saysMatch("tls: (bad certificate|certificate required)|asks for a client certificate");
        Path known = CERTIFICATES.resolve(registry.host());
        Files.copy(client.certificate(), known.resolve("client.cert"));
        docker.run("pull " + app + 1).exits(1).says("missing key", "client.key", "client.cert");
        Files.copy(client.key(), known.resolve("client.key"));
        docker.run("pull -q " + app + 1).ok().prints(app + "1\n");
        docker.probe("tag " + app + "1 " + app + "2").ok();
        docker.run("push " + app + 2).ok().printsPart("digest: sha256:");
    }

    @Test
    void plainHttpIsRefused() {
        DebianRegistry registry = start(new Options(address, false, null, null));
        registry.put(IMAGE, "app:1");
        docker.run("pull " + registry.host() + "/app:1")
                .exits(1)
                .says(registry.host(), "http: server gave HTTP response to HTTPS client");
        docker.probe("tag busybox " + registry.host() + "/mine:1").ok();
        docker.run("push " + registry.host() + "/mine:1").exits(1);
    }

    @Test
    void tokensLetInWhoHasALogin() throws IOException {
        DebianRegistry registry = tokens(null);
        String app = registry.host() + "/app:";
        login(registry, DebianRegistry.USER, "wrong").exits(1).saysMatch("401|unauthorized");
        push(registry);
        docker.run(client("pull " + app + 1)).exits(1).saysMatch("denied|unauthorized");
        login(registry, DebianRegistry.USER, DebianRegistry.PASSWORD).ok().printsPart("Login Succeeded");
        docker.run(client("run --rm --network none " + app + "1 echo hello"))
                .ok()
                .prints("hello\n");
    }

    @Test
    void aTokenForReadingDoesNotWrite() throws IOException {
        DebianRegistry registry = tokens(null);
        push(registry);
        login(registry, TokenServer.READER, DebianRegistry.PASSWORD).ok();
        docker.run(client("pull -q " + registry.host() + "/app:1")).ok();
        docker.probe("tag busybox " + registry.host() + "/app:2").ok();
        docker.run(client("push -q " + registry.host() + "/app:2")).exits(1).saysMatch("denied|unauthorized");
        assertThat(registry.skopeo(
                        "list-tags",
                        "--tls-verify=false",
                        "--creds",
                        DebianRegistry.USER + ":" + DebianRegistry.PASSWORD,
                        "docker://" + registry.host() + "/app"))
                .contains("\"1\"")
                .doesNotContain("\"2\"");
    }

    @Test
    void aTokenThatHasExpiredIsRefused() throws IOException {
        DebianRegistry registry = tokens(null);
        push(registry);
        String header =
                Base64.getEncoder().encodeToString(Docker.bytes(TokenServer.LATE + ":" + DebianRegistry.PASSWORD));
        Files.writeString(
                Files.createDirectories(docker.home().resolve("client")).resolve("config.json"),
                "{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"" + header + "\"}}}");
        docker.run(client("pull " + registry.host() + "/app:1")).exits(1).saysMatch("unauthorized|401");
    }

    @Test
    @LongshoreOnly("Docker Engine sends passwords to a token server over plain HTTP")
    void aTokenServerWithoutTlsIsRefused() throws IOException {
        DebianRegistry registry = tokens("http://" + address + ":1/token");
        login(registry, DebianRegistry.USER, DebianRegistry.PASSWORD)
                .exits(1)
                .says(registry.host(), "http://" + address + ":1/token", "it must be an https URL");
    }

    @Test
    @LongshoreOnly("Docker Engine follows a registry into any network")
    void aTokenServerInAnotherNetworkIsRefused() throws IOException {
        DebianRegistry registry = tokens("https://127.0.0.1:1/token");
        docker.run("pull " + registry.host() + "/app:1").exits(1).says(address, "127.0.0.1", "image.registry.trusted");
    }
}
