package io.longshore.oci.registry;

import static io.longshore.oci.fixture.HostileRegistry.MANIFEST;
import static io.longshore.oci.fixture.HostileRegistry.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.fixture.HostileRegistry;
import io.longshore.oci.registry.call.RegistryError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is shown a login or a token, and who is not. */
class RegistryCredentialsTest extends RegistryCases {
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
}
