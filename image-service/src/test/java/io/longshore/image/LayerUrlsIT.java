package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.HostileRegistry;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A manifest may name other servers that have a layer ({@code urls}; OCI image spec, descriptor.md). It is data from outside: a pull asks the
 * registry alone, and none of them.
 */
class LayerUrlsIT {
    private static final String LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";

    @TempDir
    static Path directory;

    private static Map<String, Object> descriptor(String mediaType, byte[] content, HostileRegistry elsewhere) {
        Digest digest = Digest.of(content);
        return Map.of(
                "mediaType",
                mediaType,
                "digest",
                digest.value(),
                "size",
                content.length,
                "urls",
                List.of("http://" + elsewhere.host() + "/v2/app/blobs/" + digest));
    }

    @Test
    void otherServersAreNotAsked() throws IOException, InterruptedException {
        try (ImageWorld world = ImageWorld.start(directory);
                HostileRegistry registry = new HostileRegistry();
                HostileRegistry elsewhere = new HostileRegistry()) {
            byte[] layer = new TestLayer().file("of", "elsewhere").tar();
            byte[] blob = TestLayer.gzip(layer);
            TestImage image = new TestImage().layer(layer);
            elsewhere.blob(blob);
            registry.blob(image.configuration());
            Map<String, Object> manifest = Map.of(
                    "schemaVersion",
                    2,
                    "config",
                    descriptor("application/vnd.oci.image.config.v1+json", image.configuration(), elsewhere),
                    "layers",
                    List.of(descriptor(LAYER, blob, elsewhere)));
            registry.manifest("v1", HostileRegistry.MANIFEST, Json.mapper().writeValueAsString(manifest));
            Engine engine = world.engine("p");
            String pull = "/images/create?fromImage=" + registry.host() + "/app&tag=v1";
            assertThat(engine.post(pull).is(200).lines().getLast().path("error").asString(""))
                    .as("the registry has no such layer")
                    .isNotEmpty();
            assertThat(world.held(engine, image)).isEmpty();
            registry.blob(blob);
            assertThat(engine.post(pull).is(200).body())
                    .contains("Downloaded newer image")
                    .doesNotContain("error");
            assertThat(world.held(engine, image)).hasSize(1);
            assertThat(elsewhere.asked()).isEmpty();
        }
    }
}
