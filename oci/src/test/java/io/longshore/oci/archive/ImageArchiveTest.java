package io.longshore.oci.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageArchiveTest {
    @TempDir
    Path directory;

    private List<ArchivedImage> read(byte[] archive) throws IOException {
        Path fresh = Files.createTempDirectory(directory, "spool");
        return ImageArchive.read(new ByteArrayInputStream(archive), fresh, TarLimits.DEFAULT)
                .images("amd64");
    }

    private static TestImage image() {
        return new TestImage()
                .layer(new TestLayer().file("a", "1"))
                .layer(new TestLayer().file("b", "2"))
                .config("Cmd", List.of("x"))
                .named("app:1")
                .named("app:2");
    }

    static Stream<byte[]> writers() {
        return Stream.of(
                image().legacyArchive(),
                image().archive(),
                image().gzipped().archive(),
                TestLayer.gzip(image().legacyArchive()));
    }

    @ParameterizedTest
    @MethodSource("writers")
    void readsWhatDockerSaves(byte[] archive) throws IOException {
        assertThat(read(archive)).singleElement().satisfies(read -> {
            assertThat(read.id()).isEqualTo(image().id());
            assertThat(read.names()).containsExactly("app:1", "app:2");
            assertThat(read.configJson()).isEqualTo(image().configurationJson());
            assertThat(read.layers()).hasSize(2);
            assertThat(Digest.of(Files.readAllBytes(read.layers().get(1).file())))
                    .isEqualTo(read.layers().get(1).digest());
        });
    }

    @Test
    void readsLayouts() throws IOException {
        List<ArchivedImage> images = read(image().gzipped().ociLayout());
        assertThat(images).singleElement().satisfies(read -> {
            assertThat(read.id()).isEqualTo(image().id());
            assertThat(read.names()).containsExactly("app:1", "app:2");
        });
    }

    /** Four megabytes once are a large configuration; sixty times they would be more than a heap holds. */
    @Test
    void oneLargeConfigurationNamedManyTimesIsReadOnce() throws IOException {
        byte[] config = large(0);
        String items = IntStream.range(0, 60)
                .mapToObj(i -> "{\"Config\":\"c.json\",\"RepoTags\":[\"app:" + i + "\"],\"Layers\":[]}")
                .collect(Collectors.joining(",", "[", "]"));
        byte[] archive = new TestLayer()
                .file("c.json", 0644, config)
                .file("manifest.json", items)
                .tar();
        assertThat(read(archive)).singleElement().satisfies(read -> {
            assertThat(read.id()).isEqualTo(Digest.of(config));
            assertThat(read.names()).hasSize(60).contains("app:0", "app:59");
        });
    }

    @Test
    void documentsAreBoundedInSumAndNumber() {
        TestLayer large = new TestLayer();
        TestLayer many = new TestLayer();
        List<String> largeItems = new ArrayList<>();
        List<String> manyItems = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            large.file("c" + i + ".json", 0644, large(i));
            largeItems.add("{\"Config\":\"c" + i + ".json\"}");
        }
        for (int i = 0; i < 201; i++) {
            many.file("c" + i + ".json", "{\"author\":\"" + i + "\",\"rootfs\":{\"type\":\"layers\"}}");
            manyItems.add("{\"Config\":\"c" + i + ".json\"}");
        }
        assertThatThrownBy(() ->
                        read(large.file("manifest.json", largeItems.toString()).tar()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("\"c2.json\"")
                .hasMessageContaining("at most 8388608");
        assertThatThrownBy(() ->
                        read(many.file("manifest.json", manyItems.toString()).tar()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("more than 200 images");
    }

    private static byte[] large(int number) {
        String text = "{\"author\":\"" + number + "x".repeat((4 << 20) - 100) + "\",\"rootfs\":{\"type\":\"layers\"}}";
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void linksToARepeatedLayerAreFollowed() throws IOException {
        byte[] layer = new TestLayer().file("a", "1").tar();
        TestImage image = new TestImage().layer(layer).layer(layer);
        byte[] archive = new TestLayer()
                .file("one/layer.tar", 0644, layer)
                .symlink("two/layer.tar", "../one/layer.tar")
                .file("c.json", 0644, image.configuration())
                .file("manifest.json", "[{\"Config\":\"c.json\",\"Layers\":[\"one/layer.tar\",\"two/layer.tar\"]}]")
                .tar();
        assertThat(read(archive))
                .singleElement()
                .satisfies(read ->
                        assertThat(read.layers().get(0)).isEqualTo(read.layers().get(1)));
    }

    static Stream<Arguments> hostile() {
        byte[] config = image().configuration();
        String wrong = "0".repeat(64);
        return Stream.of(
                Arguments.of("manifest.json", new TestLayer().file("x", "").tar()),
                Arguments.of(
                        "there is no image",
                        new TestLayer().file("manifest.json", "[]").tar()),
                Arguments.of("\"c.json\" is missing", manifest(new TestLayer(), "c.json", "[]")),
                Arguments.of(
                        "length mismatch: expected 2, got 0",
                        manifest(new TestLayer().file("c.json", 0644, config), "c.json", "[]")),
                Arguments.of(
                        wrong, manifest(new TestLayer().file(wrong + ".json", 0644, config), wrong + ".json", "[]")),
                Arguments.of("../c", manifest(new TestLayer(), "../c", "[]")),
                Arguments.of(
                        "outside the archive",
                        new TestLayer().symlink("l", "../../etc/passwd").tar()),
                Arguments.of("/etc", new TestLayer().symlink("l", "/etc/passwd").tar()),
                Arguments.of("../f", new TestLayer().file("../f", "").tar()),
                Arguments.of(
                        "there twice",
                        new TestLayer()
                                .file("manifest.json", "[]")
                                .file("./manifest.json", "[]")
                                .tar()),
                Arguments.of("neither file", new TestLayer().fifo("p").tar()),
                Arguments.of(
                        "too many links",
                        manifest(new TestLayer().symlink("c", "d").symlink("d", "c"), "c", "[]")),
                Arguments.of("truncated", Arrays.copyOf(image().archive(), 5000)));
    }

    private static byte[] manifest(TestLayer archive, String config, String layers) {
        return archive.file("manifest.json", "[{\"Config\":\"" + config + "\",\"Layers\":" + layers + "}]")
                .tar();
    }

    @ParameterizedTest
    @MethodSource
    void hostile(String named, byte[] archive) {
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
    }

    @Test
    void corruptBlobIsInvalid() {
        byte[] archive = image().ociLayout();
        String text = new String(archive, StandardCharsets.ISO_8859_1);
        archive[text.indexOf("Longshore's tests")]++;
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("does not match its name");
    }
}
