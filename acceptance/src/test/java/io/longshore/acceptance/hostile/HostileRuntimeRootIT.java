package io.longshore.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.api.ApiCases;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Images and requests made to turn the start of a process against the host (CVE-2019-5736, CVE-2019-19921, CVE-2024-21626, CVE-2026-30892,
 * CVE-2026-41579, CVE-2026-47766): it is refused or stays inside, and the host's canary is neither read nor joined by anything.
 */
class HostileRuntimeRootIT extends ApiCases {
    private static final Path CANARY =
            Path.of("/tmp/longshore-canary-start-" + ProcessHandle.current().pid());

    @BeforeEach
    void layCanary() throws IOException {
        assumeTrue(form.longshore(), "Docker Engine is not what is attacked");
        Files.createDirectories(CANARY);
        Files.writeString(CANARY.resolve("kept"), "of the host");
    }

    @AfterEach
    void canaryIsAsItWas() throws IOException {
        if (Files.exists(CANARY)) {
            try (Stream<Path> files = Files.list(CANARY)) {
                assertThat(files).containsExactly(CANARY.resolve("kept"));
            }
            assertThat(CANARY.resolve("kept")).hasContent("of the host");
            Trees.delete(CANARY);
        }
    }

    private void load(byte[] tar) {
        Response made = call(Request.postTar("/images/create?fromSrc=-&repo=hostile&tag=start", tar));
        assertThat(made.status()).as(made.text()).isEqualTo(200);
    }

    /** Runs it to its end; what it wrote, or why it was not started. The engine serves the next one all the same. */
    private String run(String image, String command, String members) {
        Response created = call(Request.post(
                "/containers/create",
                "{" + members + "\"Image\":\"" + image + "\",\"Cmd\":" + command
                        + ",\"HostConfig\":{\"NetworkMode\":\"none\"}}"));
        if (created.status() != 201) {
            return created.text();
        }
        String path = "/containers/" + created.json().path("Id").asString();
        Response started = call(Request.post(path + "/start"));
        String said = started.text();
        if (started.status() == 204) {
            assertThat(call(Request.post(path + "/wait")).status()).isEqualTo(200);
            said = call(Request.get(path + "/logs?stdout=1&stderr=1")).text();
        }
        assertThat(call(Request.delete(path + "?force=1")).status()).isEqualTo(204);
        return said;
    }

    private String exec(String id, String members) throws IOException {
        Response made = call(Request.post(
                "/containers/" + id + "/exec", "{" + members + "\"AttachStdout\":true,\"AttachStderr\":true}"));
        if (made.status() != 201) {
            return made.text();
        }
        try (var client = connect()) {
            var head = client.open(Request.post(
                    "/exec/" + made.json().path("Id").asString() + "/start", "{\"Detach\":false,\"Tty\":false}"));
            return head.status() + " "
                    + new String(client.body(head).readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }

    /** With every depth at which a directory of the host could be above. */
    private static final String LOOK =
            "[\"sh\",\"-c\",\"pwd -P; for up in . .. ../.. ../../.. ../../../.. ../../../../..; do cat $up" + CANARY
                    + "/kept; done; ls .. | head -50\"]";

    @Test
    void noDescriptorIsAWorkingDirectory() throws IOException {
        String id = create("sleep 600");
        start(id);
        for (int fd = 3; fd <= 40; fd++) {
            for (String name :
                    List.of("/proc/self/fd/" + fd, "/proc/1/fd/" + fd, "/proc/thread-self/fd/" + fd + "/..")) {
                String directory = "\"WorkingDir\":\"" + name + "\",";
                if (fd % 4 == 0) {
                    assertThat(run("busybox", LOOK, directory))
                            .as("run in %s", name)
                            .doesNotContain("of the host");
                }
                assertThat(exec(id, directory + "\"Cmd\":" + LOOK + ","))
                        .as("exec in %s", name)
                        .doesNotContain("of the host");
            }
        }
    }

    @Test
    void whatRunsTheRuntimeItselfGetsNothing() throws IOException {
        load(new TarArchive(Busybox.layer())
                .file("evil", 0755, "#!/proc/self/exe\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .symlink("exe", "/proc/self/exe")
                .bytes());
        try {
            String id = create("sleep 600");
            for (String program : List.of("/evil", "/exe", "/proc/self/exe")) {
                String said = run("hostile:start", "[\"" + program + "\"]", "");
                assertThat(said).as(program).doesNotContain("of the host");
            }
            start(id);
            assertThat(exec(id, "\"Cmd\":[\"/proc/self/exe\"],")).doesNotContain("of the host");
            assertThat(exec(id, "\"Cmd\":[\"sh\",\"-c\",\"echo works on\"],")).contains("works on");
        } finally {
            call(Request.delete("/images/hostile:start?force=1"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"proc", "sys", "dev", "etc", "dev/shm", "dev/pts", "proc/self"})
    void mountPointsThatAreLinksStayInside(String name) {
        for (String target :
                List.of(CANARY.toString(), "../../../../../.." + CANARY, "/tmp/x", "../..", "/proc/self/root", ".")) {
            TarArchive tar = new TarArchive()
                    .directory("bin/", 0755)
                    .directory("tmp/", 01777)
                    .file("bin/busybox", 0755, busybox());
            for (String parent : List.of("proc", "sys", "dev", "etc")) {
                if (name.startsWith(parent + "/")) {
                    tar.directory(parent + "/", 0755);
                }
            }
            load(tar.symlink(name, target).bytes());
            try {
                String said = run(
                        "hostile:start",
                        "[\"/bin/busybox\",\"sh\",\"-c\",\"/bin/busybox cat /proc/mounts /" + name + "/kept; echo x >/"
                                + name + "/written\"]",
                        "");
                assertThat(said).as("/%s -> %s", name, target).doesNotContain("of the host");
            } finally {
                assertThat(call(Request.delete("/images/hostile:start?force=1")).status())
                        .isEqualTo(200);
            }
        }
    }

    private static byte[] busybox() {
        try {
            return Files.readAllBytes(Path.of("/bin/busybox"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A user who is not known, or no number that a user can have, is nobody, above all not root. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "4294967295",
                "4294967296",
                "2147483648",
                "18446744073709551616",
                "0x0",
                "00x",
                "0 ",
                " 0",
                "1e0",
                "root ",
                "root:-1",
                "root:4294967296",
                "1000:0x0",
                ":",
                "::",
                "daemon:nosuch",
                "0:0:0",
                "\\u0000",
                "root\\u0000",
                "\\n0",
                "\u0660"
            })
    void nobodyIsRootByASlip(String user) throws IOException {
        String id = create("sleep 600");
        start(id);
        String field = "\"User\":\"" + user + "\",";
        String said = exec(id, field + "\"Cmd\":[\"sh\",\"-c\",\"echo uid=$(id -u) gid=$(id -g)\"],");
        String first = run("busybox", "[\"sh\",\"-c\",\"echo uid=$(id -u) gid=$(id -g)\"]", field);
        if (!user.equals(":")) {
            assertThat(List.of(said, first))
                    .as("user '%s'", user)
                    .allSatisfy(text -> assertThat(text).doesNotContain("uid=0"));
        }
    }

    @Test
    void aWorkingDirectoryThatIsALinkStaysInside() throws IOException {
        load(new TarArchive(Busybox.layer())
                .symlink("out", "../../../../../.." + CANARY)
                .symlink("root-of-host", "/proc/1/root" + CANARY)
                .bytes());
        try {
            for (String directory : List.of("/out", "/root-of-host", "/out/made", "/root-of-host/../made")) {
                assertThat(run("hostile:start", LOOK, "\"WorkingDir\":\"" + directory + "\","))
                        .as(directory)
                        .doesNotContain("of the host");
            }
        } finally {
            call(Request.delete("/images/hostile:start?force=1"));
        }
    }
}
