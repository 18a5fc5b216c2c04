package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.crash.load.Life;
import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Program;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A work directory on a disk that is full: refusals that name it, nothing half made, and all well when there is room again. */
@Order(7)
class FullDiskRootIT {
    @SuppressWarnings("NullAway.Init")
    private Path top;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(Form.picked().anyMatch(Form.STANDALONE::equals), "the standalone form is not picked");
        top = Files.createTempDirectory("longshore-disk-");
        Program.run("mount", "-t", "tmpfs", "-o", "size=900m,mode=755", "longshore-disk", top.toString())
                .ok();
    }

    @AfterEach
    void unmount() throws Exception {
        if (top != null) {
            Program.run("umount", top.toString()).ok();
            Trees.delete(top);
        }
    }

    @Test
    void loadOnAFullDiskIsRefusedAndUndone() throws Exception {
        try (Standalone longshore = Standalone.start(top.resolve("full"))) {
            longshore
                    .call(Request.postTar(
                            "/images/load?quiet=1", Busybox.image().archive()))
                    .expect(200);
            fill(30);
            byte[] noise = new byte[60 << 20];
            new Random(1).nextBytes(noise);
            SavedImage large = new SavedImage(
                    List.of("large:1"),
                    Map.of(),
                    List.of(new TarArchive().file("noise", 0644, noise).bytes()));
            Response answer = longshore.call(Request.postTar("/images/load?quiet=1", large.archive()));
            full(answer);
            assertThat(longshore.call(Request.get("/images/large:1/json")).status())
                    .isEqualTo(404);
            assertThat(Files.getFileStore(top).getUsableSpace())
                    .as("room after the refusal")
                    .isGreaterThan(20L << 20);
            empty();
            longshore
                    .call(Request.postTar("/images/load?quiet=1", large.archive()))
                    .expect(200);
            longshore.call(Request.get("/images/large:1/json")).expect(200);
            longshore.call(Request.delete("/images/large:1")).expect(200);
            LeakCheck.check(longshore);
        }
    }

    /** Each step on a disk without a byte: refused with the reason or done, never half of it; and done when there is room again. */
    @Test
    void containersOnAFullDiskAreRefusedOrRun() throws Exception {
        try (Standalone longshore = Standalone.start(top.resolve("full"))) {
            longshore
                    .call(Request.postTar(
                            "/images/load?quiet=1", Busybox.image().archive()))
                    .expect(200);
            String writes =
                    Life.create(longshore, "sh", "-c", "dd if=/dev/zero of=/file bs=1M count=2000; echo status $?");
            longshore.call(Request.post("/containers/" + writes + "/start")).expect(204);
            longshore.call(Request.post("/containers/" + writes + "/wait")).expect(200);
            assertThat(longshore
                            .call(Request.get("/containers/" + writes + "/json"))
                            .json()
                            .path("State")
                            .path("Status")
                            .asString())
                    .isEqualTo("exited");
            // The container has taken all there was; what is made and started now has no room.
            assertThat(Files.getFileStore(top).getUsableSpace()).isLessThan(1 << 20);
            String before = ids(longshore);
            Response created = longshore.call(Request.post(
                    "/containers/create",
                    "{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"));
            if (created.status() == 201) {
                String id = created.json().path("Id").asString();
                Response started = longshore.call(Request.post("/containers/" + id + "/start"));
                if (started.status() != 204) {
                    full(started);
                    assertThat(longshore
                                    .call(Request.get("/containers/" + id + "/json"))
                                    .json()
                                    .path("State")
                                    .path("Running")
                                    .asBoolean())
                            .isFalse();
                }
            } else {
                full(created);
                assertThat(ids(longshore)).as("containers after the refusal").isEqualTo(before);
            }
            longshore.call(Request.delete("/containers/" + writes + "?force=1")).expect(204);
            String id = Life.create(longshore, "echo", "room");
            longshore.call(Request.post("/containers/" + id + "/start")).expect(204);
            longshore.call(Request.post("/containers/" + id + "/wait")).expect(200);
            assertThat(Life.logLines(longshore, id)).containsExactly("room");
            LeakCheck.check(longshore);
        }
    }

    private static void full(Response answer) {
        assertThat(answer.status()).as(answer.text()).isIn(200, 500, 507);
        assertThat(answer.text())
                .containsIgnoringCase("no space left")
                .containsAnyOf("\"message\"", "errorDetail")
                .doesNotContain("java.");
    }

    private static String ids(Standalone longshore) {
        return longshore.call(Request.get("/containers/json?all=1")).text();
    }

    @Test
    void aStartOnAFullDiskSaysSo() throws Exception {
        fill(20);
        assertThatThrownBy(() -> Standalone.start(top.resolve("late")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("standalone ended")
                .hasMessageContaining("full");
    }

    private void fill(int leaveMegabytes) throws Exception {
        long free = Files.getFileStore(top).getUsableSpace();
        Program.run(
                        "fallocate",
                        "-l",
                        String.valueOf(free - ((long) leaveMegabytes << 20)),
                        top.resolve("ballast").toString())
                .ok();
    }

    private void empty() throws IOException {
        Files.delete(top.resolve("ballast"));
    }
}
