package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.engine.Trees;
import io.longshore.acceptance.http.Request;
import io.longshore.acceptance.http.Response;
import io.longshore.acceptance.image.Busybox;
import io.longshore.acceptance.image.SavedImage;
import io.longshore.acceptance.image.TarArchive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Archives made to write where they may not, on {@code load} and {@code import}: either refused, or unpacked with the entry kept
 * inside the layer; nothing appears on the host, no image is left half made, and the engine goes on.
 */
class HostileArchiveRootIT extends ApiCases {
    /** Where the archives try to write and to delete. */
    private static final Path BAIT = Path.of("/tmp/longshore-bait");

    private static final Path MARK = BAIT.resolve("escaped");

    @BeforeEach
    void layBait() throws IOException {
        Files.createDirectories(BAIT);
        Files.writeString(BAIT.resolve("kept"), "kept");
    }

    @AfterEach
    void removeBait() {
        Trees.delete(BAIT);
    }

    static Stream<Arguments> layers() {
        String up = "../".repeat(20);
        return Stream.of(
                Arguments.of(
                        "dot dot",
                        new TarArchive()
                                .file(up + "tmp/longshore-bait/escaped", "x")
                                .bytes()),
                Arguments.of(
                        "absolute",
                        new TarArchive()
                                .file("/tmp/longshore-bait/escaped", "x")
                                .bytes()),
                Arguments.of(
                        "dot dot inside",
                        new TarArchive()
                                .directory("a/", 0755)
                                .file("a/../" + up + "tmp/longshore-bait/escaped", "x")
                                .bytes()),
                Arguments.of(
                        "symlink ancestor",
                        new TarArchive()
                                .symlink("out", "/tmp/longshore-bait")
                                .file("out/escaped", "x")
                                .bytes()),
                Arguments.of(
                        "symlink ancestor upwards",
                        new TarArchive()
                                .symlink("out", up + "tmp/longshore-bait")
                                .file("out/escaped", "x")
                                .bytes()),
                Arguments.of(
                        "symlink chain",
                        new TarArchive()
                                .symlink("a", "b")
                                .symlink("b", "/tmp/longshore-bait")
                                .file("a/escaped", "x")
                                .bytes()),
                Arguments.of(
                        "hard link out",
                        new TarArchive().hardLink("shadow", "/etc/shadow").bytes()),
                Arguments.of(
                        "hard link upwards",
                        new TarArchive().hardLink("shadow", up + "etc/shadow").bytes()),
                Arguments.of(
                        "hard link through symlink",
                        new TarArchive()
                                .symlink("out", "/etc")
                                .hardLink("shadow", "out/shadow")
                                .bytes()),
                Arguments.of(
                        "whiteout upwards",
                        new TarArchive()
                                .file("a/" + up + "tmp/.wh.longshore-bait", "")
                                .bytes()),
                Arguments.of(
                        "whiteout of dot dot",
                        new TarArchive()
                                .directory("a/", 0755)
                                .file("a/.wh...", "")
                                .bytes()),
                Arguments.of(
                        "opaque through symlink",
                        new TarArchive()
                                .symlink("out", "/tmp/longshore-bait")
                                .file("out/.wh..wh..opq", "")
                                .bytes()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void importKeepsInside(String name, byte[] layer) throws IOException {
        Response answer = call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", layer));
        afterwards(answer);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void loadKeepsInside(String name, byte[] layer) throws IOException {
        SavedImage image =
                new SavedImage(List.of("hostile:1"), Map.of("Cmd", List.of("sh")), List.of(Busybox.layer(), layer));
        afterwards(call(Request.postTar("/images/load?quiet=1", image.archive())));
    }

    static Stream<Arguments> archives() throws IOException {
        SavedImage image = new SavedImage(
                List.of("hostile:1"),
                Map.of(),
                List.of(new TarArchive().file("f", "x").bytes()));
        byte[] good = image.archive();
        return Stream.of(
                Arguments.of("empty", new byte[0]),
                Arguments.of("no archive", "this is no archive".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                Arguments.of("truncated", Arrays.copyOf(good, good.length / 2)),
                Arguments.of(
                        "no manifest", new TarArchive().file("something", "x").bytes()),
                Arguments.of(
                        "manifest not JSON",
                        new TarArchive().file("manifest.json", "{").bytes()),
                Arguments.of(
                        "manifest names what is not there",
                        new TarArchive()
                                .file(
                                        "manifest.json",
                                        "[{\"Config\":\"c.json\",\"RepoTags\":[\"hostile:1\"],\"Layers\":[\"l/layer.tar\"]}]")
                                .bytes()),
                Arguments.of(
                        "manifest names a path outside",
                        new TarArchive()
                                .file(
                                        "manifest.json",
                                        "[{\"Config\":\"../../../../etc/hostname\",\"RepoTags\":[\"hostile:1\"],\"Layers\":[]}]")
                                .bytes()),
                Arguments.of(
                        "manifest through a link",
                        new TarArchive().symlink("manifest.json", "/etc/passwd").bytes()),
                Arguments.of("layer through a link", linkedLayer()),
                Arguments.of("digest mismatch", image.archive(List.of("0".repeat(64)))),
                Arguments.of(
                        "bad reference", new SavedImage(List.of("Upper/CASE:1"), Map.of(), image.layers()).archive()),
                Arguments.of(
                        "entry longer than the archive",
                        new TarArchive()
                                .liar("manifest.json", 1L << 32, new byte[512])
                                .bytes()));
    }

    private static byte[] linkedLayer() {
        String configuration =
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
                        + "0".repeat(64) + "\"]}}";
        return new TarArchive()
                .file("c.json", configuration)
                .symlink("layer.tar", "/etc/passwd")
                .file(
                        "manifest.json",
                        "[{\"Config\":\"c.json\",\"RepoTags\":[\"hostile:1\"],\"Layers\":[\"layer.tar\"]}]")
                .bytes();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("archives")
    void loadRefuses(String name, byte[] archive) throws IOException {
        Response answer = call(Request.postTar("/images/load?quiet=1", archive));
        if (form.longshore()) {
            assertThat(answer.status()).as("%s: %s", name, answer.text()).isIn(200, 400, 413);
            assertThat(answer.text())
                    .as(name)
                    .containsAnyOf("\"message\"", "errorDetail", "\"error\"")
                    .doesNotContain("java.", "io.longshore");
            assertThat(call(Request.get("/images/json")).json().size())
                    .as("images after: " + answer.text())
                    .isEqualTo(1);
        }
        afterwards(answer);
    }

    @org.junit.jupiter.api.Test
    void importBoundsWhatExpands() throws IOException {
        if (!form.longshore()) {
            return;
        }
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            byte[] file = new TarArchive().liar("zeros", 4L << 30, new byte[0]).bytes();
            gzip.write(file, 0, 512);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                gzip.write(zeros);
            }
        }
        Response answer = call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", zipped.toByteArray()));
        assertThat(answer.text()).containsAnyOf("\"message\"", "errorDetail");
        afterwards(answer);
    }

    @org.junit.jupiter.api.Test
    void deviceNodesAreMadeOnlyInside() throws IOException {
        byte[] layer = new TarArchive()
                .directory("dev/", 0755)
                .device("dev/disk", 254, 0)
                .fifo("pipe")
                .bytes();
        afterwards(call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", layer)));
    }

    private void afterwards(Response answer) throws IOException {
        assertThat(answer.status()).as(answer.text()).isBetween(200, 599).isNotEqualTo(503);
        assertThat(Files.exists(MARK, LinkOption.NOFOLLOW_LINKS))
                .as("escaped to %s", MARK)
                .isFalse();
        assertThat(BAIT.resolve("kept"))
                .as("what a whiteout outside would delete")
                .hasContent("kept");
        call(Request.delete("/images/hostile:1?force=1"));
        for (var image : call(Request.get("/images/json")).json()) {
            if (!image.path("RepoTags").toString().contains("busybox:latest")) {
                call(Request.delete("/images/" + image.path("Id").asString() + "?force=1"));
            }
        }
        assertThat(call(Request.get("/images/json")).json().size()).isEqualTo(1);
        String id = create("true");
        start(id);
        assertThat(call(Request.post("/containers/" + id + "/wait"))
                        .json()
                        .path("StatusCode")
                        .asInt(-1))
                .isZero();
    }
}
