package io.longshore.oci.registry;

import static io.longshore.oci.registry.HostileRegistry.INDEX;
import static io.longshore.oci.registry.HostileRegistry.MANIFEST;
import static io.longshore.oci.registry.HostileRegistry.error;
import static io.longshore.oci.registry.HostileRegistry.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.registry.call.RegistryCaller;
import io.longshore.oci.registry.call.RegistryError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryClientTest {
    private static final RegistryLogin LOGIN = new RegistryLogin("keeper", "secret", null, null);
    private static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString("keeper:secret".getBytes(StandardCharsets.UTF_8));
    private static final String CONFIG =
            "{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:" + "a".repeat(64) + "\",\"size\":2},\"layers\":[]}";

    private final HostileRegistry registry = new HostileRegistry();
    private final HostileRegistry other = new HostileRegistry();

    @AfterEach
    void stop() {
        registry.close();
        other.close();
    }

    private RegistryClient client(@Nullable RegistryLogin login, RegistryAccess access) {
        return RegistryClient.reading(registry.host(), "app", access, login);
    }

    private RegistryClient client() {
        return client(null, access(List.of(), List.of()));
    }

    private static RegistryAccess access(List<String> mirrors, List<String> trusted) {
        return new RegistryAccess(List.of(), mirrors, trusted, "/nonexistent", 1);
    }

    @Test
    void manifestByTagAndDigest() {
        registry.manifest("1", MANIFEST, CONFIG);
        Digest digest = Digest.of(CONFIG.getBytes(StandardCharsets.UTF_8));
        registry.manifest(digest.value(), MANIFEST, CONFIG);
        try (RegistryClient client = client()) {
            assertThat(client.manifest("1").digest()).isEqualTo(digest);
            assertThat(client.manifest(digest).document()).isInstanceOf(Document.Manifest.class);
        }
    }

    @Test
    void manifestOfAnotherDigestIsRefused() {
        Digest wanted = Digest.of(new byte[0]);
        registry.manifest(wanted.value(), MANIFEST, CONFIG);
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.manifest(wanted))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("manifest verification failed for digest " + wanted);
        }
    }

    @Test
    void whatIsBothIndexAndManifestIsRefused() {
        String both = "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[],\"config\":{}}";
        registry.manifest("1", MANIFEST, both);
        registry.manifest("2", INDEX, both);
        try (RegistryClient client = client()) {
            for (String tag : List.of("1", "2")) {
                assertThatThrownBy(() -> client.manifest(tag))
                        .isInstanceOf(Failure.Invalid.class)
                        .hasMessageContaining("both an image index and an image manifest");
            }
        }
    }

    @Test
    void mediaTypesMustAgree() {
        registry.manifest("index", INDEX, CONFIG);
        registry.manifest("text", "text/html", CONFIG);
        registry.manifest(
                "own",
                MANIFEST,
                CONFIG.replace("{\"schemaVersion\"", "{\"mediaType\":\"" + INDEX + "\",\"schemaVersion\""));
        try (RegistryClient client = client()) {
            for (String tag : List.of("index", "text", "own")) {
                assertThatThrownBy(() -> client.manifest(tag))
                        .as(tag)
                        .isInstanceOf(Failure.Invalid.class)
                        .hasMessageContaining("media type");
            }
        }
    }

    /** It never ends; were it read on, this test would not either. */
    @Test
    void hugeManifestIsNotRead() {
        registry.on("GET /v2/app/manifests/1", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", MANIFEST);
            exchange.sendResponseHeaders(200, 0);
            byte[] zeros = new byte[1 << 20];
            try {
                for (int i = 0; i < 1 << 20; i++) {
                    exchange.getResponseBody().write(zeros);
                }
            } catch (IOException e) {
                // The client has hung up.
            }
        });
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.manifest("1"))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("more than 4194304 bytes");
        }
    }

    @Test
    void errorsHaveDockersWords() {
        registry.on("GET /v2/app/manifests/denied", exchange -> error(exchange, 403, "DENIED", "not\\u001b[2J yours"));
        registry.on("GET /v2/app/manifests/plain", exchange -> send(exchange, 502, Map.of(), new byte[] {'x'}));
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.manifest("nosuch"))
                    .isInstanceOfSatisfying(
                            RegistryError.class, e -> assertThat(e.code()).isEqualTo("MANIFEST_UNKNOWN"))
                    .hasMessage("manifest unknown: manifest unknown");
            assertThatThrownBy(() -> client.manifest("denied")).hasMessage("denied: not [2J yours");
            assertThatThrownBy(() -> client.manifest("plain")).hasMessage("received unexpected HTTP status: 502");
        }
    }

    @Test
    void basicIsShownWhenAskedFor() {
        registry.on("GET /v2/", this::basic);
        registry.manifest("1", MANIFEST, CONFIG);
        try (RegistryClient client = client(LOGIN, access(List.of(), List.of()))) {
            client.manifest("1");
        }
        assertThat(registry.asked().getFirst().authorization()).isNull();
        assertThat(registry.asked().getLast().authorization()).isEqualTo(BASIC);
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.manifest("1")).hasMessageContaining("no basic auth credentials");
        }
    }

    private void basic(HttpExchange exchange) throws IOException {
        boolean right = BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        Map<String, String> challenge = Map.of("WWW-Authenticate", "Basic realm=\"keepers\"");
        send(exchange, right ? 200 : 401, right ? Map.of() : challenge, new byte[0]);
    }

    private void bearer(String realm, String token) {
        registry.on("GET /v2/", exchange -> {
            boolean right =
                    ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            send(
                    exchange,
                    right ? 200 : 401,
                    Map.of("WWW-Authenticate", "Bearer realm=\"" + realm + "\",service=\"reg,istry\",scope=\"x\""),
                    new byte[0]);
        });
    }

    @Test
    void tokenIsFetchedWithTheLogin() {
        bearer("http://" + other.host() + "/token?a=b", "t0ken");
        other.on(
                "GET /token",
                exchange -> send(exchange, 200, Map.of(), "{\"token\":\"t0ken\"}".getBytes(StandardCharsets.UTF_8)));
        registry.manifest("1", MANIFEST, CONFIG);
        try (RegistryClient client = client(LOGIN, access(List.of(), List.of()))) {
            client.manifest("1");
        }
        HostileRegistry.Asked asked = other.asked().getFirst();
        assertThat(asked.authorization()).isEqualTo(BASIC);
        assertThat(asked.line())
                .startsWith("GET /token?a=b&service=reg%2Cistry&scope=repository%3Aapp%3Apull")
                .contains("account=keeper");
        assertThat(registry.asked()).noneMatch(each -> BASIC.equals(each.authorization()));
    }

    @Test
    void identityTokenIsExchanged() {
        bearer("http://" + other.host() + "/token", "t0ken");
        other.on(
                "POST /token",
                exchange ->
                        send(exchange, 200, Map.of(), "{\"access_token\":\"t0ken\"}".getBytes(StandardCharsets.UTF_8)));
        registry.manifest("1", MANIFEST, CONFIG);
        RegistryLogin login = new RegistryLogin("<token>", null, "refresh", null);
        try (RegistryClient client = client(login, access(List.of(), List.of()))) {
            client.manifest("1");
        }
        assertThat(other.asked().getFirst().body()).contains("grant_type=refresh_token", "refresh_token=refresh");
    }

    @Test
    void expiredTokenIsReplaced() {
        bearer("http://" + other.host() + "/token", "first");
        other.on(
                "GET /token",
                exchange -> send(exchange, 200, Map.of(), "{\"token\":\"first\"}".getBytes(StandardCharsets.UTF_8)));
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.manifest("1")).isInstanceOf(RegistryError.class);
            other.on(
                    "GET /token",
                    exchange ->
                            send(exchange, 200, Map.of(), "{\"token\":\"second\"}".getBytes(StandardCharsets.UTF_8)));
            registry.on("GET /v2/app/manifests/1", exchange -> {
                boolean right =
                        "Bearer second".equals(exchange.getRequestHeaders().getFirst("Authorization"));
                String challenge = "Bearer realm=\"http://" + other.host() + "/token\"";
                if (right) {
                    send(exchange, 200, Map.of("Content-Type", MANIFEST), CONFIG.getBytes(StandardCharsets.UTF_8));
                } else {
                    send(exchange, 401, Map.of("WWW-Authenticate", challenge), new byte[0]);
                }
            });
            assertThat(client.manifest("1").mediaType()).isEqualTo(MANIFEST);
        }
    }

    /** The last are this machine's link-local, private and shared networks; the registry is on loopback. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://127.0.0.1/token",
                "http://user:password@127.0.0.1/token",
                "gopher://127.0.0.1/",
                "",
                "http://169.254.169.254/latest/meta-data",
                "http://[fe80::1]/token",
                "http://10.0.0.1/token",
                "http://100.64.0.1/token",
                "http://[fd00::1]/token",
                "http://0.0.0.0/token"
            })
    void realmElsewhereIsRefused(String realm) {
        bearer(realm, "t0ken");
        try (RegistryClient client = client(LOGIN, access(List.of(), List.of()))) {
            assertThatThrownBy(() -> client.manifest("1"))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("refused")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("connection refused", "secret"));
        }
    }

    @Test
    void credentialsStayAtTheOriginWhenRedirected() throws IOException {
        registry.on("GET /v2/", this::basic);
        byte[] content = {1, 2, 3};
        Digest digest = Digest.of(content);
        registry.on(
                "GET /v2/app/blobs/" + digest,
                exchange ->
                        send(exchange, 307, Map.of("Location", "http://" + other.host() + "/elsewhere"), new byte[0]));
        other.on("GET /elsewhere", exchange -> send(exchange, 200, Map.of(), content));
        try (RegistryClient client = client(LOGIN, access(List.of(), List.of()));
                RemoteBlob blob = client.blob(digest, 0)) {
            assertThat(blob.content().readAllBytes()).isEqualTo(content);
        }
        assertThat(registry.asked().getLast().authorization()).isEqualTo(BASIC);
        assertThat(other.asked()).hasSize(1).allMatch(each -> each.authorization() == null);
    }

    /** What asks for credentials after a redirect gets none. */
    @Test
    void foreignHostThatAsksGetsNothing() {
        registry.on("GET /v2/", this::basic);
        Digest digest = Digest.of(new byte[0]);
        registry.on(
                "GET /v2/app/blobs/" + digest,
                exchange ->
                        send(exchange, 302, Map.of("Location", "http://" + other.host() + "/elsewhere"), new byte[0]));
        other.on("GET /elsewhere", this::basic);
        try (RegistryClient client = client(LOGIN, access(List.of(), List.of()))) {
            assertThatThrownBy(() -> client.blob(digest, 0)).isInstanceOf(RegistryError.class);
        }
        assertThat(other.asked()).hasSize(1).allMatch(each -> each.authorization() == null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "http://169.254.169.254/",
                "http://10.1.2.3/",
                "//user:pw@127.0.0.1/",
                "http://[::ffff:169.254.169.254]/"
            })
    void redirectElsewhereIsRefused(String location) {
        Digest digest = Digest.of(new byte[0]);
        registry.on(
                "GET /v2/app/blobs/" + digest,
                exchange -> send(exchange, 307, Map.of("Location", location), new byte[0]));
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.blob(digest, 0)).hasMessageContaining("refused");
        }
    }

    @Test
    void redirectsInACircleEnd() {
        Digest digest = Digest.of(new byte[0]);
        String path = "/v2/app/blobs/" + digest;
        registry.on("GET " + path, exchange -> send(exchange, 307, Map.of("Location", path), new byte[0]));
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.blob(digest, 0)).hasMessageContaining("redirects");
        }
        assertThat(registry.asked()).hasSizeLessThan(10);
    }

    @Test
    void blobFromAnOffset() throws IOException {
        byte[] content = "0123456789".getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.of(content);
        registry.on("GET /v2/app/blobs/" + digest, exchange -> {
            assertThat(exchange.getRequestHeaders().getFirst("Range")).isEqualTo("bytes=4-");
            send(exchange, 206, Map.of("Content-Range", "bytes 4-9/10"), Arrays.copyOfRange(content, 4, 10));
        });
        try (RegistryClient client = client();
                RemoteBlob blob = client.blob(digest, 4)) {
            assertThat(blob.offset()).isEqualTo(4);
            assertThat(blob.content().readAllBytes()).isEqualTo("456789".getBytes(StandardCharsets.UTF_8));
        }
        registry.blob(content);
        try (RegistryClient client = client();
                RemoteBlob whole = client.blob(digest, 4)) {
            assertThat(whole.offset()).isZero();
        }
    }

    @Test
    void wrongRangeIsRefused() {
        Digest digest = Digest.of(new byte[0]);
        registry.on(
                "GET /v2/app/blobs/" + digest,
                exchange -> send(exchange, 206, Map.of("Content-Range", "bytes 0-9/10"), new byte[10]));
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.blob(digest, 4)).hasMessageContaining("from byte 4 on");
        }
    }

    @Test
    void silentRegistryIsGivenUp() {
        registry.on("GET /v2/app/manifests/1", exchange -> {
            try {
                Thread.sleep(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        long begin = System.nanoTime();
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.manifest("1"))
                    .isInstanceOf(RegistryCaller.Unreachable.class)
                    .hasMessageContaining("Client.Timeout exceeded");
        }
        assertThat(System.nanoTime() - begin).isLessThan(8_000_000_000L);
    }

    @Test
    void tagsComeInPages() {
        registry.on("GET /v2/app/tags/list", exchange -> {
            boolean second = exchange.getRequestURI().getQuery() != null;
            Map<String, String> more = Map.of("Link", "</v2/app/tags/list?last=b>; rel=\"next\"");
            String tags = second ? "{\"tags\":[\"c\"]}" : "{\"tags\":[\"a\",\"b\"]}";
            send(exchange, 200, second ? Map.of() : more, tags.getBytes(StandardCharsets.UTF_8));
        });
        try (RegistryClient client = client()) {
            assertThat(client.tags()).containsExactly("a", "b", "c");
        }
    }

    @Test
    void endlessTagsAreRefused() {
        registry.on(
                "GET /v2/app/tags/list",
                exchange -> send(
                        exchange,
                        200,
                        Map.of("Link", "</v2/app/tags/list?again>; rel=\"next\""),
                        "{\"tags\":[\"a\"]}".getBytes(StandardCharsets.UTF_8)));
        try (RegistryClient client = client()) {
            assertThatThrownBy(client::tags).isInstanceOf(Failure.Invalid.class).hasMessageContaining("pages");
        }
    }

    @Test
    void mirrorsAreAskedFirstAndNeverSeeTheLogin() {
        other.on("GET /v2/", this::basic);
        registry.on("GET /v2/", exchange -> send(exchange, 200, Map.of(), new byte[0]));
        registry.on(
                "GET /v2/library/app/manifests/1",
                exchange ->
                        send(exchange, 200, Map.of("Content-Type", MANIFEST), CONFIG.getBytes(StandardCharsets.UTF_8)));
        RegistryAccess access = access(List.of("http://" + other.host(), "http://" + registry.host()), List.of());
        try (RegistryClient client = RegistryClient.reading("docker.io", "library/app", access, LOGIN)) {
            assertThatThrownBy(() -> client.manifest("nosuch")).isInstanceOf(Failure.class);
        }
        assertThat(registry.asked()).isNotEmpty().allMatch(each -> each.authorization() == null);
        assertThat(other.asked()).isNotEmpty().allMatch(each -> each.authorization() == null);
    }

    @Test
    void whatAMirrorHasIsAskedForNowhereElse() {
        for (HostileRegistry mirror : List.of(registry, other)) {
            mirror.on("GET /v2/", exchange -> send(exchange, 200, Map.of(), new byte[0]));
        }
        registry.on(
                "GET /v2/library/app/manifests/1",
                exchange ->
                        send(exchange, 200, Map.of("Content-Type", MANIFEST), CONFIG.getBytes(StandardCharsets.UTF_8)));
        RegistryAccess access = access(List.of("http://" + registry.host(), "http://" + other.host()), List.of());
        try (RegistryClient client = RegistryClient.reading("docker.io", "library/app", access, null)) {
            assertThat(client.manifest("1").mediaType()).isEqualTo(MANIFEST);
        }
        assertThat(other.asked()).isEmpty();
    }

    @Test
    void upload() {
        byte[] content = {1, 2, 3};
        Digest digest = Digest.of(content);
        registry.on(
                "POST /v2/app/blobs/uploads/",
                exchange -> send(exchange, 202, Map.of("Location", "/upload/1?state=a"), new byte[0]));
        registry.on(
                "PATCH /upload/1",
                exchange -> send(
                        exchange,
                        202,
                        Map.of("Location", "http://" + registry.host() + "/upload/1?state=b"),
                        new byte[0]));
        registry.on("PUT /upload/1", exchange -> send(exchange, 201, Map.of(), new byte[0]));
        try (RegistryClient client =
                RegistryClient.writing(registry.host(), "app", access(List.of(), List.of()), null, List.of())) {
            client.upload(digest, new ByteArrayEntity(content, ContentType.APPLICATION_OCTET_STREAM));
        }
        assertThat(registry.asked().getLast().line())
                .isEqualTo("PUT /upload/1?state=b&digest=sha256%3A" + digest.hex());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"file:///etc/passwd", "http://under_score/upload", "//user:pw@127.0.0.1/", "http://10.1.2.3/"})
    void uploadElsewhereIsRefused(String location) {
        registry.on(
                "POST /v2/app/blobs/uploads/",
                exchange -> send(exchange, 202, Map.of("Location", location), new byte[0]));
        try (RegistryClient client =
                RegistryClient.writing(registry.host(), "app", access(List.of(), List.of()), null, List.of())) {
            assertThatThrownBy(() -> client.upload(
                            Digest.of(new byte[1]),
                            new ByteArrayEntity(new byte[1], ContentType.APPLICATION_OCTET_STREAM)))
                    .isInstanceOf(RegistryCaller.Unreachable.class)
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void endlessHeadIsNotRead() {
        registry.on(
                "GET /v2/app/manifests/long",
                exchange -> send(exchange, 200, Map.of("Warning", "x".repeat(1 << 20)), new byte[0]));
        registry.on("GET /v2/app/manifests/many", exchange -> {
            for (int i = 0; i < 10_000; i++) {
                exchange.getResponseHeaders().set("X-" + i, "x");
            }
            send(exchange, 200, Map.of(), new byte[0]);
        });
        try (RegistryClient client = client()) {
            for (String tag : List.of("long", "many")) {
                assertThatThrownBy(() -> client.manifest(tag))
                        .isInstanceOf(RegistryCaller.Unreachable.class)
                        .hasMessageContaining("exceeded");
            }
        }
    }

    @Test
    void nobodyListens() {
        try (RegistryClient client = RegistryClient.reading("127.0.0.1:1", "app", access(List.of(), List.of()), null)) {
            assertThatThrownBy(() -> client.manifest("1"))
                    .isInstanceOf(RegistryCaller.Unreachable.class)
                    .hasMessage("Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused");
        }
    }
}
