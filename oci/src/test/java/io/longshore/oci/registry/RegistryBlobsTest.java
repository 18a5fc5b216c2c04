package io.longshore.oci.registry;

import static io.longshore.oci.fixture.HostileRegistry.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.registry.call.RegistryCaller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs from a registry and to it, and where it may send a client for them. */
class RegistryBlobsTest extends RegistryCases {
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
}
