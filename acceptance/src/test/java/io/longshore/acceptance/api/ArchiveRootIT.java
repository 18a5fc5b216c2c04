package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import io.longshore.testbed.image.TarArchive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HEAD, GET and PUT of {@code /containers/{id}/archive}: headers, statuses and messages; changes and export. */
class ArchiveRootIT extends ApiCases {
    private static final String STAT = "X-Docker-Container-Path-Stat";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private String id = "";

    @BeforeEach
    void makeContainer() {
        id = create(
                "mkdir -p /d/sub /d/dev; echo hello >/d/f; chmod 1777 /d/sub; chmod 6750 /d/f; ln -s /d/sub /link; ln -s nowhere"
                        + " /broken; mkfifo /pipe; mknod /d/dev/mine c 1 3");
        start(id);
        call(Request.post("/containers/" + id + "/wait"));
    }

    private String archive(String path) {
        return "/containers/" + id + "/archive?path=" + escape(path);
    }

    private JsonNode stat(Response answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return JSON.readTree(Base64.getDecoder().decode(answer.header(STAT)));
    }

    private void stat(String path, String name, long mode, String linkTarget) {
        JsonNode stat = stat(call(Request.head(archive(path))));
        assertThat(stat.path("name").asString()).as(path).isEqualTo(name);
        assertThat(stat.path("mode").asLong()).as(path).isEqualTo(mode);
        assertThat(stat.path("linkTarget").asString()).as(path).isEqualTo(linkTarget);
        assertThat(java.time.Instant.parse(stat.path("mtime").asString()))
                .as(path)
                .isAfter(java.time.Instant.now().minusSeconds(600));
        assertThat(stat.propertyNames()).containsExactlyInAnyOrder("name", "size", "mode", "mtime", "linkTarget");
    }

    @Test
    void headTellsTheState() {
        stat("/d/f", "f", 0750 | 1L << 23 | 1L << 22, "");
        assertThat(stat(call(Request.head(archive("/d/f")))).path("size").asLong())
                .isEqualTo(6);
        stat("d/sub", "sub", 0777 | 1L << 31 | 1L << 20, "");
        stat("/d/sub/.", ".", 0777 | 1L << 31 | 1L << 20, "");
        stat("/link", "link", 0777 | 1L << 27, "/d/sub");
        stat("/link/", "link", 0777 | 1L << 31 | 1L << 20, "");
        stat("/broken", "broken", 0777 | 1L << 27, "/nowhere");
        stat("/pipe", "pipe", 0644 | 1L << 25, "");
        stat("/d/dev/mine", "mine", 0644 | 1L << 26 | 1L << 21, "");
    }

    @Test
    void headSaysNoByStatusAlone() throws IOException {
        try (UnixHttp http = connect()) {
            for (String path : List.of("/nosuch", "/nosuch/below")) {
                Response.Head head = http.open(Request.head(archive(path)));
                assertThat(head.status()).as(path).isEqualTo(404);
                assertThat(head.header(STAT)).isEmpty();
            }
            // The connection is in order: nothing came after a head.
            assertThat(http.open(Request.head(archive("/d/f"))).status()).isEqualTo(200);
        }
        assertThat(call(Request.head("/containers/nosuch/archive?path=/")).status())
                .isEqualTo(404);
        assertThat(call(Request.head("/containers/" + id + "/archive")).status())
                .isEqualTo(400);
        assertThat(call(Request.head(archive("/d/f/"))).status()).isIn(400, form.longshore() ? 400 : 500);
    }

    @Test
    void getTellsTheSameAndSendsTar() {
        Response answer = call(Request.get(archive("/d")));
        JsonNode stat = stat(answer);
        assertThat(stat.path("name").asString()).isEqualTo("d");
        assertThat(answer.header("Content-Type")).isEqualTo("application/x-tar");
        assertThat(answer.body().length % 512).isZero();
        assertThat(answer.text()).contains("d/f", "d/sub/", "hello\n");
    }

    @Test
    void getRefuses() {
        refused(Request.get(archive("/nosuch")), 404, "Could not find the file /nosuch in container " + id);
        refused(Request.get("/containers/nosuch/archive?path=/"), 404, "No such container: nosuch");
        refused(Request.get("/containers/" + id + "/archive"), 400, "path");
        refused(Request.get(archive("")), 400, "path");
        if (form.longshore()) {
            refused(Request.get(archive("/d/f/.")), 400, "not a directory");
            refused(Request.get(archive("/a\0b")), 400, "NUL");
            refused(Request.get(archive("/" + "x/".repeat(3000))), 400, "longer");
        }
    }

    /** What the description of the Engine API has; Docker Engine 20.10 answers some of these with 500. */
    private int documented(int status) {
        return form.longshore() ? status : 500;
    }

    private Request put(String path, byte[] body) {
        return new Request("PUT", archive(path), List.of("Content-Type: application/x-tar"), body);
    }

    private static byte[] tar(String name) {
        return new TarArchive().file(name, "content of " + name + "\n").bytes();
    }

    private void extracts(byte[] archive, String name) {
        Response answer = call(put("/d", archive));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(call(Request.get(archive("/d/" + name))).text()).contains("content of " + name);
    }

    private static byte[] compressed(String program, byte[] content) throws IOException {
        Process process = new ProcessBuilder(program, "-c").start();
        Thread.ofVirtual().start(() -> {
            try (var in = process.getOutputStream()) {
                in.write(content);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        return process.getInputStream().readAllBytes();
    }

    @Test
    void putTakesEveryCompression() throws IOException {
        extracts(tar("plain"), "plain");
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(tar("zipped"));
        }
        extracts(zipped.toByteArray(), "zipped");
        extracts(compressed("xz", tar("xz")), "xz");
        extracts(compressed("bzip2", tar("bzip2")), "bzip2");
    }

    @Test
    void putRefuses() {
        refused(put("/nosuch", tar("x")), 404, "Could not find the file /nosuch in container " + id);
        refused(put("/d/f", tar("x")), documented(400), "extraction point is not a directory");
        refused(new Request("PUT", "/containers/nosuch/archive?path=/", List.of(), tar("x")), 404, "nosuch");
        refused(new Request("PUT", "/containers/" + id + "/archive", List.of(), tar("x")), 400, "path");
        if (form.longshore()) {
            refused(put("/d", "no archive".getBytes(StandardCharsets.US_ASCII)), 400, "truncated");
            byte[] half = java.util.Arrays.copyOf(tar("half"), 700);
            refused(put("/d", half), 400, "truncated");
            String keeps = archive("/d") + "&noOverwriteDirNonDir=true";
            refused(new Request("PUT", keeps, List.of(), tar("sub")), 400, "cannot overwrite directory", "sub");
            byte[] directory = new TarArchive().directory("f/", 0755).bytes();
            refused(new Request("PUT", keeps, List.of(), directory), 400, "cannot overwrite non-directory", "f");
        }
        Response replaced = call(put("/d", tar("sub")));
        assertThat(replaced.status()).as(replaced.text()).isEqualTo(200);
        assertThat(call(Request.get(archive("/d/sub"))).text()).contains("content of sub");
    }

    @Test
    void aReadOnlyRootIsForbidden() {
        Response created = call(
                Request.post(
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"none\",\"ReadonlyRootfs\":true}}"));
        id = created.json().path("Id").asString();
        refused(put("/etc", tar("x")), documented(403), "container rootfs is marked read-only");
        start(id);
        refused(put("/etc", tar("x")), documented(403), "container rootfs is marked read-only");
        assertThat(call(Request.head(archive("/etc/x"))).status()).isEqualTo(404);
    }

    @Test
    void changesAndExport() {
        Response changes = call(Request.get("/containers/" + id + "/changes"));
        assertThat(changes.status()).isEqualTo(200);
        assertThat(changes.header("Content-Type")).startsWith("application/json");
        assertThat(changes.json()
                        .valueStream()
                        .map(one -> one.path("Kind").asInt() + one.path("Path").asString()))
                .contains("1/d", "1/d/f", "1/link", "1/d/dev/mine");
        Response export = call(Request.get("/containers/" + id + "/export"));
        assertThat(export.status()).isEqualTo(200);
        assertThat(export.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(export.body().length % 512).isZero();
        refused(Request.get("/containers/nosuch/changes"), 404, "No such container: nosuch");
        refused(Request.get("/containers/nosuch/export"), 404, "No such container: nosuch");
    }

    @Test
    void commitRefuses() {
        refused(Request.post("/commit?container=nosuch"), 404, "No such container: nosuch");
        refused(
                Request.post("/commit?container=" + id + "&changes=" + escape("RUN true")),
                400,
                "not a valid change command");
        if (form.longshore()) {
            // Docker Engine 20.10 says so after it made the image, which stays without a name.
            refused(Request.post("/commit?container=" + id + "&repo=Upper"), 400, "lowercase");
            refused(Request.post("/commit?container=" + id, "[]"), 400, "object");
            refused(Request.post("/commit?container=" + id + "&comment=" + escape("a\0b")), 400, "NUL");
        }
        assertThat(call(Request.get("/images/json")).json().size()).isEqualTo(1);
    }

    @Test
    void commitTakesAConfiguration() {
        Response made = call(Request.post(
                "/commit?container=" + id + "&repo=committed&tag=1",
                "{\"Cmd\":[\"echo\",\"mine\"],\"Labels\":{\"a\":\"b\"}}"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        JsonNode image = call(Request.get("/images/committed:1/json")).json();
        assertThat(image.path("Id")).isEqualTo(made.json().path("Id"));
        assertThat(image.path("Config").path("Cmd").toString()).isEqualTo("[\"echo\",\"mine\"]");
        assertThat(image.path("Config").path("Labels").toString()).isEqualTo("{\"a\":\"b\"}");
        assertThat(image.path("Config").path("Env").toString()).contains("PATH=");
        assertThat(call(Request.delete("/images/committed:1")).status()).isEqualTo(200);
    }
}
