package io.longshore.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.api.ApiCases;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Trees;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Archives made to write where they may not, on {@code load} and {@code import}: either refused, or unpacked with the entry kept
 * inside the layer; nothing appears on the host, no image is left half made, and the engine goes on.
 */
@Order(1)
class HostileArchiveRootIT extends ApiCases {
    /** Where the archives try to write and to delete. */
    private static final Path BAIT =
            Path.of("/tmp/longshore-bait-" + ProcessHandle.current().pid());

    private static final JsonMapper JSON = JsonMapper.builder().build();

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

    /** A case, the layer, and the entry that a refusal names. */
    private static Arguments layer(String name, TarArchive layer, String entry) {
        return Arguments.of(name, layer, entry);
    }

    static Stream<Arguments> layers() {
        String up = "../".repeat(10);
        String bait = BAIT.toString();
        String below = bait.substring(1);
        return Stream.of(
                layer("dot dot", new TarArchive().file(up + below + "/escaped", "x"), up + below + "/escaped"),
                layer(
                        "dot dot inside",
                        new TarArchive().directory("a/", 0755).file("a/../" + up + below + "/escaped", "x"),
                        "a/../" + up + below + "/escaped"),
                layer(
                        "symlink ancestor",
                        new TarArchive().symlink("out", bait).file("out/escaped", "x"),
                        "out/escaped"),
                layer(
                        "symlink ancestor upwards",
                        new TarArchive().symlink("out", up + below).file("out/escaped", "x"),
                        "out/escaped"),
                layer(
                        "symlink chain",
                        new TarArchive().symlink("a", "b").symlink("b", bait).file("a/escaped", "x"),
                        "a/escaped"),
                layer("hard link out", new TarArchive().hardLink("shadow", "/etc/shadow"), "etc/shadow"),
                layer("hard link upwards", new TarArchive().hardLink("shadow", up + "etc/shadow"), up + "etc/shadow"),
                layer(
                        "hard link through symlink",
                        new TarArchive().symlink("out", "/etc").hardLink("shadow", "out/shadow"),
                        "shadow"),
                layer(
                        "whiteout upwards",
                        new TarArchive().file("a/" + up + "tmp/.wh." + BAIT.getFileName(), ""),
                        "a/" + up + "tmp/.wh." + BAIT.getFileName()),
                layer(
                        "whiteout of dot dot",
                        new TarArchive().directory("a/", 0755).file("a/.wh...", ""),
                        "a/.wh..."),
                layer(
                        "opaque mark through a symlink",
                        new TarArchive().symlink("out", bait).file("out/.wh..wh..opq", ""),
                        "out"),
                layer("device", new TarArchive().device("disk", 254, 0), "disk"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void importKeepsInside(String name, TarArchive layer, String entry) throws IOException {
        byte[] whole = new TarArchive(Busybox.layer()).append(layer).bytes();
        refusedOrInside(call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", whole)), entry);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void loadKeepsInside(String name, TarArchive layer, String entry) throws IOException {
        SavedImage image = new SavedImage(
                List.of("hostile:1"), Map.of("Cmd", List.of("sh")), List.of(Busybox.layer(), layer.bytes()));
        refusedOrInside(call(Request.postTar("/images/load?quiet=1", image.archive())), entry);
    }

    /** Longshore refuses all of these by name; Docker Engine makes of some an entry that stays inside. */
    private void refusedOrInside(Response answer, String entry) throws IOException {
        if (form.longshore()) {
            saysRefused(answer, entry);
        }
        if (call(Request.get("/images/hostile:1/json")).status() == 200) {
            assertThat(form.longshore()).as("refused, and yet there").isFalse();
            // The host's passwords are not to be seen, and no device is to be opened.
            assertThat(inside("cat /shadow; for d in /disk /dev/disk; do head -c 1 $d && echo opened; done"))
                    .doesNotContain("root:", "opened");
        }
        afterwards();
    }

    @Test
    void absoluteNamesAreOfTheImagesRoot() throws IOException {
        byte[] whole = new TarArchive(Busybox.layer())
                .append(new TarArchive().file(MARK.toString(), "stays inside"))
                .bytes();
        Response answer = call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", whole));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(inside("cat " + MARK)).contains("stays inside");
        afterwards();
    }

    private static void saysRefused(Response answer, String part) {
        assertThat(answer.status()).as(answer.text()).isIn(200, 400);
        String message = answer.message();
        if (answer.status() == 200) {
            String last = answer.text().strip().lines().reduce("", (before, line) -> line);
            assertThat(last)
                    .as("an error at the end of the stream")
                    .startsWith("{")
                    .contains("\"errorDetail\"");
            message = JSON.readTree(last).path("errorDetail").path("message").asString("");
        }
        assertThat(message).contains(part).doesNotContain("java.", "io.longshore");
    }

    /** What a container of the hostile image prints. */
    private String inside(String script) {
        return said("{\"Image\":\"hostile:1\",\"Cmd\":[\"/bin/busybox\",\"sh\",\"-c\",\"PATH=/bin; " + script
                + "\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}");
    }

    static Stream<Arguments> archives() throws IOException {
        SavedImage image = new SavedImage(
                List.of("hostile:1"),
                Map.of(),
                List.of(new TarArchive().file("f", "x").bytes()));
        byte[] good = image.archive();
        return Stream.of(
                Arguments.of("empty", new byte[0], "truncated"),
                Arguments.of(
                        "no archive",
                        "this is no archive".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                        "archive"),
                Arguments.of("truncated", Arrays.copyOf(good, good.length / 2), "truncated, after entry"),
                Arguments.of(
                        "no manifest", new TarArchive().file("something", "x").bytes(), "manifest.json"),
                Arguments.of(
                        "manifest not JSON",
                        new TarArchive().file("manifest.json", "{").bytes(),
                        "manifest.json"),
                Arguments.of(
                        "manifest names what is not there",
                        new TarArchive()
                                .file(
                                        "manifest.json",
                                        "[{\"Config\":\"c.json\",\"RepoTags\":[\"hostile:1\"],\"Layers\":[\"l/layer.tar\"]}]")
                                .bytes(),
                        "l/layer.tar"),
                Arguments.of(
                        "manifest names a path outside",
                        new TarArchive()
                                .file(
                                        "manifest.json",
                                        "[{\"Config\":\"../../../../etc/hostname\",\"RepoTags\":[\"hostile:1\"],\"Layers\":[]}]")
                                .bytes(),
                        "../../../../etc/hostname"),
                Arguments.of(
                        "manifest through a link",
                        new TarArchive().symlink("manifest.json", "/etc/passwd").bytes(),
                        "/etc/passwd"),
                Arguments.of("layer through a link", linkedLayer(), "/etc/passwd"),
                Arguments.of("digest mismatch", image.archive(List.of("0".repeat(64))), "0".repeat(64)),
                Arguments.of(
                        "bad reference",
                        new SavedImage(List.of("Upper/CASE:1"), Map.of(), image.layers()).archive(),
                        "CASE"),
                Arguments.of(
                        "entry longer than the archive",
                        new TarArchive()
                                .liar("manifest.json", 1L << 32, new byte[512])
                                .bytes(),
                        "manifest.json"));
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
    void loadRefuses(String name, byte[] archive, String part) throws IOException {
        Response answer = call(Request.postTar("/images/load?quiet=1", archive));
        if (form.longshore()) {
            saysRefused(answer, part);
            assertThat(call(Request.get("/images/json")).json().size())
                    .as("images after: " + answer.text())
                    .isEqualTo(1);
        }
        afterwards();
    }

    @Test
    void importBoundsWhatExpands() throws IOException {
        assumeTrue(form.longshore(), "a bound of Longshore's");
        saysRefused(
                call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", Bomb.ZIPPED)),
                "compressed data expands more than 200 times");
        afterwards();
    }

    /** Made once for all forms. */
    private static final class Bomb {
        private static final int MEGABYTES = 520;
        static final byte[] ZIPPED = zipped();

        private static byte[] zipped() {
            ByteArrayOutputStream zipped = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
                byte[] file = new TarArchive()
                        .liar("zeros", (long) MEGABYTES << 20, new byte[0])
                        .bytes();
                gzip.write(file, 0, 512);
                byte[] zeros = new byte[1 << 20];
                for (int i = 0; i < MEGABYTES; i++) {
                    gzip.write(zeros);
                }
                gzip.write(file, 512, 1024);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return zipped.toByteArray();
        }
    }

    @Test
    void deviceNodesAreMadeOnlyInside() throws IOException {
        byte[] layer = new TarArchive(Busybox.layer())
                .device("dev/disk", 254, 0)
                .directory("chroot/", 0755)
                .directory("chroot/dev/", 0755)
                .device("chroot/dev/disk", 254, 0)
                .fifo("pipe")
                .bytes();
        Response answer = call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", layer));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).doesNotContain("error");
        assertThat(inside("[ -e /dev/disk ] && echo there; [ -c /chroot/dev/disk ] && echo made; [ -p /pipe ] && echo"
                        + " pipe; head -c 1 /chroot/dev/disk && echo opened"))
                .contains("made", "pipe", "Operation not permitted")
                .doesNotContain("there", "opened");
        afterwards();
    }

    private void afterwards() throws IOException {
        assertThat(Files.exists(MARK, LinkOption.NOFOLLOW_LINKS))
                .as("escaped to %s", MARK)
                .isFalse();
        assertThat(BAIT.resolve("kept"))
                .as("what a whiteout outside would delete")
                .hasContent("kept");
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
