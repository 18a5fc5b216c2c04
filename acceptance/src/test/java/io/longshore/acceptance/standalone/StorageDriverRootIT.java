package io.longshore.acceptance.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.Form;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.process.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A work directory stays with the storage driver that filled it. */
@Order(6)
class StorageDriverRootIT {
    private static final String VARIABLE = "LONGSHORE_AGENT_STORAGEDRIVER";

    @Test
    void anotherDriverIsRefusedAndDoesNoHarm() throws Exception {
        assumeTrue(Form.picked().anyMatch(Form.STANDALONE::equals), "the standalone form is not picked");
        Path top = Files.createTempDirectory("longshore-driver-");
        Path own = top.resolve("driver");
        try (Standalone longshore = Standalone.start(own, Map.of(VARIABLE, "vfs"))) {
            longshore
                    .call(Request.postTar(
                            "/images/load?quiet=1", Busybox.image().archive()))
                    .expect(200);
            longshore.crash();
            Process other = Standalone.spawn(own, "other.out", Map.of(VARIABLE, "overlay2"));
            try {
                assertThat(other.waitFor(2, TimeUnit.MINUTES)).isTrue();
                assertThat(other.exitValue()).isNotZero();
            } finally {
                other.destroyForcibly();
            }
            assertThat(own.resolve("other.out"))
                    .content()
                    .contains(
                            "the work directory " + longshore.work()
                                    + " has images or containers of the graph driver vfs",
                            "agent.storage-driver");
            longshore.restart();
            assertThat(longshore
                            .call(Request.get("/info"))
                            .json()
                            .path("Driver")
                            .asString())
                    .isEqualTo("vfs");
            longshore.call(Request.get("/images/busybox/json")).expect(200);
            longshore.call(Request.delete("/images/busybox")).expect(200);
        } finally {
            Trees.delete(top);
        }
    }
}
