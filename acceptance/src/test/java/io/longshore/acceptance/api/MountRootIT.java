package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mounts that only newer versions of the API can ask for, by our own calls and by an OCI runtime. */
class MountRootIT extends ApiCases {
    private Path home = Path.of("/nothing");

    @BeforeEach
    void onlyLongshore() throws IOException {
        assumeTrue(form.longshore(), "Docker Engine 20.10 has none of this");
        home = Files.createTempDirectory("longshore-mount-");
    }

    @AfterEach
    void removeVolumes() {
        removeAllContainers();
        call(Request.delete("/volumes/data?force=1"));
        Trees.delete(home);
    }

    private static String body(String runtime, String mount, String script) {
        return "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"" + script
                + "\"],\"HostConfig\":{\"NetworkMode\":\"none\",\"Runtime\":\"" + runtime + "\",\"Mounts\":[" + mount
                + "]}}";
    }

    /** What a container says that runs the script with this mount. */
    private String run(String runtime, String mount, String script) {
        return said(body(runtime, mount, script));
    }

    private static String volume(String options) {
        return "{\"Type\":\"volume\",\"Source\":\"data\",\"Target\":\"/data\",\"VolumeOptions\":" + options + "}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"longshore", "runc"})
    void partOfAVolume(String runtime) {
        run("longshore", volume("{}"), "mkdir -p /data/a/b && echo deep > /data/a/b/file && echo one > /data/single");
        assertThat(run(runtime, volume("{\"Subpath\":\"a/b\"}"), "cat /data/file; ls -a /data | wc -l"))
                .contains("deep\n", "3\n");
        assertThat(run(runtime, volume("{\"Subpath\":\"single\"}"), "cat /data"))
                .contains("one\n");
    }

    /** A link in the volume means what it means in the volume: it leads to nothing of the host. */
    @ParameterizedTest
    @ValueSource(strings = {"longshore", "runc"})
    void noLinkLeadsOutOfAVolume(String runtime) throws IOException {
        Files.writeString(home.resolve("canary"), "of the host");
        run(
                "longshore",
                volume("{}"),
                "ln -s " + home + " /data/link; ln -s ../../../../../../.. /data/up; mkdir -p /data" + home
                        + "; echo inside > /data" + home + "/canary");
        assertThat(run(runtime, volume("{\"Subpath\":\"link\"}"), "cat /data/canary"))
                .contains("inside\n");
        assertThat(run(runtime, volume("{\"Subpath\":\"up\"}"), "ls /data")).contains("link\n", "up\n");
    }

    @Test
    void partsThatAreNoneAreRefused() {
        refused(
                Request.post("/containers/create", body("longshore", volume("{\"Subpath\":\"../x\"}"), "true")),
                400,
                "subpath must be a relative path within the volume");
        Response created =
                call(Request.post("/containers/create", body("longshore", volume("{\"Subpath\":\"nosuch\"}"), "true")));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        refused(
                Request.post("/containers/" + created.json().path("Id").asString() + "/start"),
                400,
                "cannot access path",
                "nosuch: no such file or directory");
    }

    private String bind(String options) {
        return "{\"Type\":\"bind\",\"Source\":\"" + home + "/made\",\"Target\":\"/data\",\"BindOptions\":" + options
                + "}";
    }

    @Test
    void aMissingSourceIsMadeIfAsked() {
        refused(
                Request.post("/containers/create", body("longshore", bind("{}"), "true")),
                400,
                "invalid mount config for type \"bind\": bind source path does not exist: " + home + "/made");
        run("longshore", bind("{\"CreateMountpoint\":true}"), "touch /data/file");
        assertThat(home.resolve("made/file")).exists();
    }

    @Test
    void optionsThatContradictEachOtherAreRefused() throws IOException {
        Files.createDirectory(home.resolve("made"));
        String force = "\"ReadOnlyForceRecursive\":true";
        String not = "\"ReadOnlyNonRecursive\":true";
        conflict(bind("{" + force + "}"), "!ReadOnly && BindOptions.ReadOnlyForceRecursive");
        conflict(bind("{" + not + "}"), "!ReadOnly && BindOptions.ReadOnlyNonRecursive");
        conflict(
                readOnly(bind("{" + force + "," + not + "}")),
                "BindOptions.ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive");
        conflict(
                readOnly(bind("{" + force + ",\"Propagation\":\"rslave\"}")),
                "BindOptions.ReadOnlyForceRecursive && BindOptions.Propagation rslave");
    }

    private static String readOnly(String mount) {
        return mount.replaceFirst("\\{", "{\"ReadOnly\":true,");
    }

    private void conflict(String mount, String why) {
        refused(
                Request.post("/containers/create", body("longshore", mount, "true")),
                400,
                "invalid mount config for type \"bind\": mount options conflict: " + why);
    }
}
