package io.longshore.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.api.ApiCases;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Containers and archives made to turn a copy against the host (CVE-2018-15664, CVE-2019-14271, CVE-2021-41089, CVE-2026-41567, -41568,
 * -42306): the host's canary stays as it is, whatever is answered.
 */
@Order(2)
class HostileCopyRootIT extends ApiCases {
    /** On the host; the container has a directory of the same path, with other content. */
    private static final Path CANARY =
            Path.of("/tmp/longshore-canary-" + ProcessHandle.current().pid());

    private static final int ROUNDS = Integer.getInteger("acceptance.races", 1000);

    private Map<String, String> before = new TreeMap<>();

    @BeforeEach
    void layCanary() throws IOException {
        Files.createDirectories(CANARY.resolve("directory"));
        Files.setPosixFilePermissions(CANARY.resolve("directory"), PosixFilePermissions.fromString("rwx------"));
        Files.writeString(CANARY.resolve("kept"), "of the host");
        before = canary();
        assumeTrue(form.longshore(), "a thousand rounds take Docker Engine minutes, and it is not what is attacked");
    }

    @AfterEach
    void removeCanary() throws IOException {
        assertThat(canary()).isEqualTo(before);
        Trees.delete(CANARY);
    }

    /** Every path with all that could be changed of it. */
    private static Map<String, String> canary() throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(CANARY)) {
            for (Path path : paths.toList()) {
                found.put(
                        path.toString(),
                        Files.readAttributes(path, "unix:mode,uid,gid,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS)
                                .toString());
            }
        }
        return found;
    }

    private String running(String image, String script) {
        Response created = call(Request.post(
                "/containers/create",
                "{\"Image\":\"" + image + "\",\"Cmd\":[\"/bin/busybox\",\"sh\",\"-c\",\"PATH=/bin; " + script
                        + "\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        start(id);
        return id;
    }

    private static String archive(String id, String path) {
        return "/containers/" + id + "/archive?path=" + escape(path);
    }

    private static Request put(String id, String path, byte[] tar) {
        return new Request("PUT", archive(id, path), List.of("Content-Type: application/x-tar"), tar);
    }

    private void await(String id, String path) {
        assertThat(Await.until(
                        Duration.ofSeconds(20),
                        () -> call(Request.head(archive(id, path))).status() == 200))
                .as("%s in %s", path, id)
                .isTrue();
    }

    /** A loop in the container that makes a path a directory, then a link to the root, in turn. */
    private String swapping() {
        String id = running(
                "busybox",
                "mkdir -p " + CANARY + "/directory /w/real" + CANARY + "/directory; echo inside >" + CANARY
                        + "/kept; echo inside >/w/real"
                        + CANARY
                        + "/kept; cd /w; mv real x; ln -s / link; echo >/ready; while true; do mv x real; mv link x; mv x link; mv"
                        + " real x; done");
        await(id, "/ready");
        return id;
    }

    @Test
    void aDirectoryThatTurnsIntoALinkLeadsNowhereOnReading() {
        String id = swapping();
        int seen = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Response answer = call(Request.get(archive(id, "/w/x" + CANARY + (round % 2 == 0 ? "/kept" : ""))));
            assertThat(answer.text()).doesNotContain("of the host");
            seen += answer.status() == 200 ? 1 : 0;
        }
        assertThat(seen).as("reads that met the path").isPositive();
    }

    @Test
    void aDirectoryThatTurnsIntoALinkLeadsNowhereOnWriting() {
        String id = swapping();
        byte[] tar = new TarArchive()
                .directory("directory/", 0777)
                .file("kept", "overwritten")
                .file("escaped", 04755, new byte[] {1})
                .hardLink("linked", "kept")
                .symlink("soft", "/etc/shadow")
                .bytes();
        int written = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Response answer = call(put(id, "/w/x" + CANARY, tar));
            assertThat(answer.status()).as(answer.text()).isIn(200, 400, 403, 404, 409, form.longshore() ? 400 : 500);
            written += answer.status() == 200 ? 1 : 0;
        }
        assertThat(written).as("writes that met the path").isPositive();
    }

    static Stream<Arguments> archives() {
        String up = "../".repeat(12) + CANARY.toString().substring(1);
        return Stream.of(
                Arguments.of("dot dot", new TarArchive().file(up + "/escaped", "x")),
                Arguments.of("dot dot inside", new TarArchive().file("a/../" + up + "/escaped", "x")),
                Arguments.of("absolute", new TarArchive().file(CANARY + "/kept", "x")),
                Arguments.of(
                        "through a link",
                        new TarArchive().symlink("out", CANARY.toString()).file("out/escaped", "x")),
                Arguments.of(
                        "through a link upwards",
                        new TarArchive().symlink("out", up).file("out/kept", "x")),
                Arguments.of(
                        "directory through a link",
                        new TarArchive().symlink("out", CANARY.toString()).directory("out/directory/", 0777)),
                Arguments.of(
                        "hard link",
                        new TarArchive().hardLink("kept", CANARY + "/kept").file("kept", "x")),
                Arguments.of(
                        "hard link upwards",
                        new TarArchive().hardLink("kept", up + "/kept").file("kept", "x")),
                Arguments.of(
                        "hard link through a link",
                        new TarArchive().symlink("out", CANARY.toString()).hardLink("kept", "out/kept")),
                Arguments.of("device 0:0", new TarArchive().device("none", 0, 0)),
                Arguments.of("liar", new TarArchive().liar("long", 1L << 32, new byte[512])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("archives")
    void anArchiveStaysInside(String name, TarArchive tar) {
        String running = running("busybox", "mkdir -p /d; echo >/ready; sleep 60");
        await(running, "/ready");
        String stopped = create("true");
        for (String id : List.of(running, stopped)) {
            Response answer = call(put(id, id.equals(running) ? "/d" : "/", tar.bytes()));
            assertThat(answer.status()).as(answer.text()).isBetween(200, form.longshore() ? 409 : 500);
            assertThat(call(Request.get(archive(id, "/"))).text()).doesNotContain("of the host");
        }
    }

    @Test
    void linksToTheHostsFilesAreTheContainersOwn() {
        String id = running(
                "busybox",
                "ln -s /proc/1/root/etc /one; ln -s /proc/self/root /two; ln -s /proc/self/cwd /three; ln -s " + CANARY
                        + " /four; ln -s ../../../../../../../.." + CANARY + " /five; mkdir -p " + CANARY
                        + "; echo >/ready; sleep 60");
        await(id, "/ready");
        for (String path : List.of(
                "/one/shadow",
                "/two" + CANARY + "/kept",
                "/three" + CANARY + "/kept",
                "/four/kept",
                "/five/kept",
                "/proc/1/root" + CANARY + "/kept",
                "/proc/1/cwd" + CANARY + "/kept",
                "/proc/self/fd/3")) {
            Response answer = call(Request.get(archive(id, path)));
            assertThat(answer.status()).as(path).isBetween(200, form.longshore() ? 404 : 500);
            assertThat(answer.text()).as(path).doesNotContain("of the host", "root:");
            Response written = call(put(
                    id,
                    path.substring(0, path.lastIndexOf('/')),
                    new TarArchive().file("kept", "x").bytes()));
            assertThat(written.status())
                    .as("%s: %s", path, written.text())
                    .isBetween(200, form.longshore() ? 404 : 500);
        }
    }

    @Test
    void pipesAndDevicesAreNotOpened() {
        String id = running(
                "busybox", "mkdir /d; mkfifo /d/pipe; mknod /d/zero c 1 5; echo x >/d/file; echo >/ready; sleep 60");
        await(id, "/ready");
        Response answer = call(Request.get(archive(id, "/d")));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().length).isBetween(512, 64 << 10);
        assertThat(answer.text()).contains("d/pipe", "d/zero", "d/file");
        assertThat(call(Request.get(archive(id, "/proc/version"))).status()).isIn(200, 404);
        assertThat(call(Request.get(archive(id, "/"))).status()).isEqualTo(200);
    }

    /** Programs and libraries of the container that a careless engine would run or load while it copies. */
    @Test
    void nothingOfTheContainerIsRun() throws IOException, InterruptedException {
        TarArchive image = new TarArchive(Busybox.layer())
                .directory("usr/bin/", 0755)
                .directory("lib/", 0755)
                .file("etc/nsswitch.conf", "passwd: hostile\ngroup: hostile\nhosts: hostile\n")
                .file("lib/libnss_hostile.so.2", 0755, "no library".getBytes(StandardCharsets.US_ASCII));
        byte[] trap = ("#!/bin/sh\necho run >" + CANARY + "/escaped\necho run >/escaped\n")
                .getBytes(StandardCharsets.US_ASCII);
        for (String program :
                List.of("xz", "unxz", "unpigz", "pigz", "gzip", "gunzip", "bzip2", "bunzip2", "zstd", "tar")) {
            image.file("usr/bin/" + program, 0755, trap);
        }
        assertThat(call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=1", image.bytes()))
                        .status())
                .isEqualTo(200);
        String id = running("hostile:1", "echo >/ready; sleep 60");
        await(id, "/ready");
        for (String compressor : List.of("xz", "gzip", "bzip2")) {
            byte[] tar = new TarArchive().file("by-" + compressor, compressor).bytes();
            assertThat(call(put(id, "/tmp", compressed(compressor, tar))).status())
                    .as(compressor)
                    .isEqualTo(200);
            assertThat(call(Request.head(archive(id, "/tmp/by-" + compressor))).status())
                    .isEqualTo(200);
        }
        Request owned = new Request(
                "PUT",
                archive(id, "/tmp") + "&copyUIDGID=true",
                List.of(),
                new TarArchive().file("owned", "x").bytes());
        assertThat(call(owned).status()).isEqualTo(200);
        assertThat(call(Request.get(archive(id, "/etc"))).status()).isEqualTo(200);
        assertThat(call(Request.head(archive(id, "/escaped"))).status()).isEqualTo(404);
        if (engine instanceof Longshore longshore) {
            for (long pid : longshore.pids()) {
                assertThat(Files.readString(Path.of("/proc/" + pid + "/maps"), StandardCharsets.ISO_8859_1))
                        .doesNotContain("libnss_hostile");
            }
        }
        assertThat(call(Request.delete("/containers/" + id + "?force=1")).status())
                .isEqualTo(204);
        assertThat(call(Request.delete("/images/hostile:1?force=1")).status()).isEqualTo(200);
    }

    private static byte[] compressed(String program, byte[] content) throws IOException, InterruptedException {
        Path file = Files.createTempFile("longshore-compressed", "");
        try {
            Files.write(file, content);
            Process process = new ProcessBuilder(program, "-c", file.toString()).start();
            byte[] out = process.getInputStream().readAllBytes();
            assertThat(process.waitFor()).isZero();
            return out;
        } finally {
            Files.delete(file);
        }
    }

    /** Setuid files and modes of an archive are the container's; the host's directories stay closed (CVE-2021-41089, -41091). */
    @Test
    void directoriesOfTheHostStayClosed() throws IOException {
        if (!(engine instanceof Longshore longshore)) {
            return;
        }
        Map<String, String> modes = modes(longshore.work());
        String id = create("true");
        byte[] tar = new TarArchive()
                .directory("./", 0777)
                .directory("tmp/", 0777)
                .file("suid", 06777, new byte[] {1})
                .bytes();
        assertThat(call(put(id, "/", tar)).status()).isEqualTo(200);
        assertThat(modes(longshore.work())).isEqualTo(modes);
        assertThat(modes.get(longshore.work().toString())).endsWith("---");
    }

    /** Of a directory and what is in it. */
    private static Map<String, String> modes(Path directory) throws IOException {
        Map<String, String> modes = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory, 1)) {
            for (Path path : paths.toList()) {
                modes.put(
                        path.toString(),
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)));
            }
        }
        return modes;
    }

    @Test
    void aContainerThatChangesAllTheTimeCanBeCopiedExportedAndCommitted() {
        String id = running(
                "busybox",
                "mkdir /w; cd /w; echo >/ready; while true; do mkdir -p a/b/c; echo x >a/b/c/f; ln -s / a/l; mv a z; : >z/b/c/f; rm -r"
                        + " z; done");
        await(id, "/ready");
        for (int round = 0; round < 30; round++) {
            assertThat(call(Request.get(archive(id, "/w"))).body().length % 512).isZero();
            assertThat(call(Request.get("/containers/" + id + "/changes")).status())
                    .isEqualTo(200);
        }
        assertThat(call(Request.get("/containers/" + id + "/export")).body().length % 512)
                .isZero();
        Response made = call(Request.post("/commit?container=" + id + "&repo=hostile&tag=2"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(call(Request.delete("/images/hostile:2")).status()).isEqualTo(200);
    }
}
