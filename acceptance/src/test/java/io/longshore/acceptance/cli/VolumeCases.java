package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;

/** Cases that make volumes: each starts and ends without any. */
abstract class VolumeCases extends CliCases {
    @AfterEach
    void removeAllVolumes() {
        if (docker == null) {
            return;
        }
        removeAllContainers();
        Engine engine = docker.engine();
        for (var volume : engine.call(Request.get("/volumes")).json().path("Volumes")) {
            String path = "/volumes/" + volume.path("Name").asString();
            assertThat(engine.call(Request.delete(path)).status())
                    .as("DELETE %s", path)
                    .isEqualTo(204);
        }
    }

    /** Runs a shell line in a container of its own, which goes again. */
    Outcome shell(String options, String line) {
        return docker.run("run --rm --network none " + options + " busybox sh -c '" + line + "'");
    }

    /** What {@code docker events} tells of volumes so far, one a line. */
    String volumeEvents(String since) {
        return docker.probe("events --since " + since + " --until " + now()
                        + " --filter type=volume --format '{{.Action}} {{.Actor.ID}}'")
                .ok()
                .out();
    }

    /** As {@code docker events} takes a time: seconds and nanoseconds. */
    static String now() {
        Instant now = Instant.now();
        return now.getEpochSecond() + "." + String.format("%09d", now.getNano());
    }
}
