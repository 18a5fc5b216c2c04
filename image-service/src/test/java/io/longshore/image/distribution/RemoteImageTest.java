package io.longshore.image.distribution;

import static io.longshore.oci.fixture.HostileRegistry.INDEX;
import static io.longshore.oci.fixture.HostileRegistry.MANIFEST;
import static io.longshore.oci.fixture.HostileRegistry.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.oci.ImageReference;
import io.longshore.oci.fixture.HostileRegistry;
import io.longshore.oci.manifest.ImageJson;
import io.longshore.oci.registry.RegistryClient;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What a registry tells of an image is believed only as far as it fits together. */
class RemoteImageTest {
    private static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final Digest LAYER_DIGEST = Digest.ofHex("1a".repeat(32));
    private static final Digest DIFF_ID = Digest.ofHex("d1".repeat(32));
    private static final RegistryAccess ACCESS = new RegistryAccess(List.of(), List.of(), List.of(), "/nonexistent", 1);

    private static final HostileRegistry REGISTRY = new HostileRegistry();

    /** One for all cases: with each it is found out anew that the registry speaks no TLS, which takes a second. */
    private static final RegistryClient CLIENT = RegistryClient.reading(REGISTRY.host(), "app", ACCESS, null);

    @AfterAll
    static void stop() {
        CLIENT.close();
        REGISTRY.close();
    }

    private RemoteImage find(String platform) {
        return RemoteImage.find(CLIENT, ImageReference.parse(REGISTRY.host() + "/app:1"), Platform.parse(platform));
    }

    private void refused(String... parts) {
        assertThatThrownBy(() -> find(""))
                .isInstanceOf(Failure.Invalid.class)
                .message()
                .contains(parts);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String descriptor(String type, Digest digest, long size) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, digest, size);
    }

    /** Has a document by its digest, and gives what leads to it. */
    private String document(String type, String json) {
        Digest digest = Digest.of(bytes(json));
        REGISTRY.manifest(digest.value(), type, json);
        return descriptor(type, digest, bytes(json).length);
    }

    private static String index(String... descriptors) {
        return "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", descriptors) + "]}";
    }

    /** A descriptor of an image in an index. */
    private static String on(String os, String architecture, String variant, String descriptor) {
        return descriptor.replaceFirst(
                "}$",
                ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"%s}}"
                        .formatted(os, architecture, variant.isEmpty() ? "" : ",\"variant\":\"" + variant + "\""));
    }

    private static String here(String descriptor) {
        return on("linux", Platform.OWN.architecture(), "", descriptor);
    }

    private static String manifest(String config, String... layers) {
        return "{\"schemaVersion\":2,\"config\":" + config + ",\"layers\":[" + String.join(",", layers) + "]}";
    }

    private static String configuration(Digest... diffIds) {
        List<String> quoted = Arrays.stream(diffIds).map(id -> "\"" + id + "\"").toList();
        return "{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + String.join(",", quoted) + "]}}";
    }

    /** The manifest of an image of one layer, whose configuration the registry has. */
    private String image(String configuration) {
        byte[] config = bytes(configuration);
        return manifest(descriptor(CONFIG, REGISTRY.blob(config), config.length), descriptor(LAYER, LAYER_DIGEST, 100));
    }

    private String image() {
        return image(configuration(DIFF_ID));
    }

    @Test
    void whatFitsTogetherIsFound() {
        String index = index(here(document(MANIFEST, image())));
        REGISTRY.manifest("1", INDEX, index);
        RemoteImage found = find("");
        assertThat(found.top()).isEqualTo(Digest.of(bytes(index)));
        assertThat(found.id()).isEqualTo(Digest.of(bytes(configuration(DIFF_ID))));
        assertThat(found.configJson()).isEqualTo(configuration(DIFF_ID));
        assertThat(found.layers()).singleElement().satisfies(layer -> {
            assertThat(layer.digest()).isEqualTo(LAYER_DIGEST);
            assertThat(layer.size()).isEqualTo(100);
            assertThat(layer.diffId()).isEqualTo(DIFF_ID);
        });
    }

    @Test
    void aConfigurationOfAnotherDigestIsRefused() {
        byte[] told = bytes(configuration(DIFF_ID));
        Digest digest = Digest.of(told);
        REGISTRY.manifest("1", MANIFEST, image());
        for (String other : List.of(configuration(LAYER_DIGEST), configuration())) {
            REGISTRY.on("GET /v2/app/blobs/" + digest, exchange -> send(exchange, 200, Map.of(), bytes(other)));
            refused("image config verification failed for digest " + digest);
        }
    }

    @Test
    void aConfigurationOfAnotherSizeIsRefused() {
        byte[] config = bytes(configuration(DIFF_ID));
        Digest digest = REGISTRY.blob(config);
        REGISTRY.manifest("1", MANIFEST, manifest(descriptor(CONFIG, digest, config.length + 1)));
        refused("image config verification failed for digest " + digest);
        for (long size : List.of(-1L, ImageJson.MAX_BYTES + 1L, Long.MAX_VALUE)) {
            REGISTRY.manifest("1", MANIFEST, manifest(descriptor(CONFIG, digest, size)));
            refused("image configuration " + digest + " has " + size + " bytes");
        }
        // It is read no further than it was said to be long.
        REGISTRY.manifest("1", MANIFEST, manifest(descriptor(CONFIG, digest, config.length - 1)));
        assertThatThrownBy(() -> find("")).hasMessageContaining("more than " + (config.length - 1) + " bytes");
    }

    @Test
    void aConfigurationThatIsNoTextIsRefused() {
        byte[] config = bytes(configuration(DIFF_ID).replace("linux", "l\u00e4nux"));
        byte[] latin = new String(config, StandardCharsets.UTF_8).getBytes(StandardCharsets.ISO_8859_1);
        Digest digest = REGISTRY.blob(latin);
        REGISTRY.manifest("1", MANIFEST, manifest(descriptor(CONFIG, digest, latin.length)));
        refused("image configuration " + digest + " is not UTF-8");
    }

    @Test
    void aManifestOfAnotherSizeThanItsIndexSaysIsRefused() {
        String json = image();
        Digest digest = Digest.of(bytes(json));
        document(MANIFEST, json);
        for (long size : List.of(bytes(json).length - 1L, bytes(json).length + 1L, -1L)) {
            REGISTRY.manifest("1", INDEX, index(here(descriptor(MANIFEST, digest, size))));
            refused("manifest " + digest + " has " + bytes(json).length + " bytes", "its index says " + size);
        }
    }

    @Test
    void aManifestOfAnotherTypeThanItsIndexSaysIsRefused() {
        String json = image();
        Digest digest = Digest.of(bytes(json));
        document(DOCKER_MANIFEST, json);
        REGISTRY.manifest("1", INDEX, index(here(descriptor(MANIFEST, digest, bytes(json).length))));
        refused("manifest " + digest + " is of media type " + DOCKER_MANIFEST, "its index says " + MANIFEST);
    }

    @Test
    void indexesAreNestedOnlySoDeep() {
        String document = image();
        String descriptor = document(MANIFEST, document);
        for (int depth = 1; depth <= 5; depth++) {
            document = index(here(descriptor));
            descriptor = document(INDEX, document);
            REGISTRY.manifest("1", INDEX, document);
            if (depth < 5) {
                assertThat(find("").top()).isEqualTo(Digest.of(bytes(document)));
            }
        }
        refused("image " + REGISTRY.host() + "/app:1: indexes are nested more than 4 deep");
    }

    @Test
    void asManyLayersAsTheConfigurationHasAreWanted() {
        for (String configuration : List.of(configuration(), configuration(DIFF_ID, LAYER_DIGEST))) {
            REGISTRY.manifest("1", MANIFEST, image(configuration));
            refused("layers from manifest don't match image configuration " + Digest.of(bytes(configuration))
                    + ": 1 and ");
        }
    }

    @Test
    void aLayerOfANegativeSizeIsRefused() {
        byte[] config = bytes(configuration(DIFF_ID));
        String described = descriptor(CONFIG, REGISTRY.blob(config), config.length);
        REGISTRY.manifest("1", MANIFEST, manifest(described, descriptor(LAYER, LAYER_DIGEST, -1)));
        refused("layer " + LAYER_DIGEST + " has size -1");
    }

    @Test
    void whatIsNoImageIsRefused() {
        byte[] config = bytes("{}");
        Digest digest = REGISTRY.blob(config);
        String chart = "application/vnd.cncf.helm.config.v1+json";
        REGISTRY.manifest("1", MANIFEST, manifest(descriptor(chart, digest, 2)));
        refused(REGISTRY.host() + "/app:1", digest + " is no image configuration but " + chart);
        String text = "text/plain";
        REGISTRY.manifest("1", MANIFEST, manifest(descriptor(CONFIG, digest, 2), descriptor(text, LAYER_DIGEST, 1)));
        refused(REGISTRY.host() + "/app:1", LAYER_DIGEST + " is no layer but " + text);
    }

    /** An index with an image for each of these, as {@code os/architecture/variant}; gives which one is found. */
    private String chosen(String platform, String... offered) {
        REGISTRY.manifest(
                "1",
                INDEX,
                index(Stream.of(offered)
                        .map(text -> {
                            String[] parts = (text + "/").split("/", -1);
                            String own = configuration(Digest.of(bytes(text)));
                            return on(parts[0], parts[1], parts[2], document(MANIFEST, image(own)));
                        })
                        .toArray(String[]::new)));
        RemoteImage found = find(platform);
        return Stream.of(offered)
                .filter(text -> found.configJson().equals(configuration(Digest.of(bytes(text)))))
                .findFirst()
                .orElseThrow();
    }

    private void none(String platform, String named, String... offered) {
        assertThatThrownBy(() -> chosen(platform, offered))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("no matching manifest for " + named + " in the manifest list entries");
    }

    /** The list of platforms of an official image, in its order. */
    private static final String[] OFFICIAL = {
        "linux/amd64", "linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/386", "windows/amd64"
    };

    @Test
    void theVariantThatIsAskedForIsChosen() {
        assertThat(chosen("linux/arm/v7", OFFICIAL)).isEqualTo("linux/arm/v7");
        assertThat(chosen("linux/arm/v6", OFFICIAL)).isEqualTo("linux/arm/v6");
        assertThat(chosen("linux/arm/v5", OFFICIAL)).isEqualTo("linux/arm/v5");
        assertThat(chosen("linux/arm64/v8", OFFICIAL)).isEqualTo("linux/arm64/v8");
        assertThat(chosen("windows/amd64", OFFICIAL)).isEqualTo("windows/amd64");
    }

    /** As containerd reads them. */
    @Test
    void otherSpellingsAreTheSamePlatform() {
        assertThat(chosen("linux/arm", OFFICIAL)).isEqualTo("linux/arm/v7");
        assertThat(chosen("arm", OFFICIAL)).isEqualTo("linux/arm/v7");
        assertThat(chosen("Linux/ARMHF", OFFICIAL)).isEqualTo("linux/arm/v7");
        assertThat(chosen("armel", OFFICIAL)).isEqualTo("linux/arm/v6");
        assertThat(chosen("linux/arm/6", OFFICIAL)).isEqualTo("linux/arm/v6");
        assertThat(chosen("aarch64", OFFICIAL)).isEqualTo("linux/arm64/v8");
        assertThat(chosen("linux/arm64", OFFICIAL)).isEqualTo("linux/arm64/v8");
        assertThat(chosen("x86_64", OFFICIAL)).isEqualTo("linux/amd64");
        assertThat(chosen("linux/amd64/v1", OFFICIAL)).isEqualTo("linux/amd64");
        assertThat(chosen("i386", OFFICIAL)).isEqualTo("linux/386");
        assertThat(chosen("linux/arm/v7", "linux/arm")).isEqualTo("linux/arm");
        assertThat(chosen("linux/arm64/v8", "linux/arm64")).isEqualTo("linux/arm64");
    }

    @Test
    void aMachineRunsWhatIsMadeForLowerVariants() {
        assertThat(chosen("linux/arm/v8", OFFICIAL)).isEqualTo("linux/arm/v7");
        assertThat(chosen("linux/arm/v7", "linux/arm/v5", "linux/arm/v6")).isEqualTo("linux/arm/v6");
        assertThat(chosen("linux/arm64/v9", OFFICIAL)).isEqualTo("linux/arm64/v8");
        assertThat(chosen("linux/amd64/v3", "linux/amd64/v4", "linux/amd64", "linux/amd64/v2"))
                .isEqualTo("linux/amd64/v2");
        assertThat(chosen("linux/amd64", "linux/amd64/v2", "linux/amd64")).isEqualTo("linux/amd64");
        none("linux/arm/v6", "linux/arm/v6", "linux/arm/v7", "linux/arm64");
        none("linux/arm", "linux/arm/v7", "linux/arm64/v8", "linux/arm/v8");
        none("linux/s390x", "linux/s390x", OFFICIAL);
    }
}
