package io.longshore.oci.registry;

import static io.longshore.oci.fixture.HostileRegistry.INDEX;
import static io.longshore.oci.fixture.HostileRegistry.MANIFEST;
import static io.longshore.oci.fixture.HostileRegistry.error;
import static io.longshore.oci.fixture.HostileRegistry.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.oci.fixture.HostileRegistry;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.registry.call.RegistryCaller;
import io.longshore.oci.registry.call.RegistryError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Manifests, tags, mirrors, and registries that fail. */
class RegistryClientTest extends RegistryCases {
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
