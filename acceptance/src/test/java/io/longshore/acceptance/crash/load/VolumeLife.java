package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** A container with a volume, of which some are a file system of their own that the node mounts. What was written to it is there. */
final class VolumeLife extends Life {
    private final boolean mounted;
    private Known volume = Known.ABSENT;
    private boolean starting;
    private boolean started;
    private boolean written;
    private boolean stopped;

    VolumeLife(Random random) {
        mounted = random.nextBoolean();
    }

    @Override
    String known() {
        return "with a volume" + (mounted ? " that is mounted" : "") + ", known as " + volume;
    }

    private String volume() {
        return "volume-" + name();
    }

    @Override
    void prepare(UnixHttp http, Random random) throws IOException {
        volume = Known.COMING;
        String options = mounted ? ",\"DriverOpts\":{\"type\":\"tmpfs\",\"device\":\"tmpfs\"}" : "";
        http.exchange(Request.post("/volumes/create", "{\"Name\":\"" + volume() + "\"" + options + "}"))
                .expect(201);
        volume = Known.THERE;
    }

    @Override
    String body() {
        return body(
                "",
                "\"Binds\":[\"" + volume() + ":/data\"],",
                "sh",
                "-c",
                "echo " + name() + " > /data/file; echo written; sleep 3600");
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        starting = true;
        start(http);
        started = true;
        if (random.nextBoolean()) {
            await(http, inspected -> status(inspected).equals("running"));
            written = logLines(http).contains("written");
        }
    }

    @Override
    void tidy(UnixHttp http) throws IOException {
        volume = Known.GOING;
        http.exchange(Request.delete("/volumes/" + volume())).expect(204);
        volume = Known.ABSENT;
    }

    @Override
    void check(Longshore longshore, String what) {
        JsonNode inspected = inspect(longshore);
        String status = status(inspected);
        assertThat(status)
                .as(what)
                .isIn(
                        stopped
                                ? List.of("exited")
                                : started
                                        ? List.of("running")
                                        : starting ? List.of("created", "running") : List.of("created"));
        started = status.equals("running");
        starting = started || stopped;
        if (started) {
            await(longshore, answer -> logLines(longshore, id()).contains("written"));
            assertThat(logLines(longshore, id())).as("log of %s", what).containsExactly("written");
            written = true;
            assertThat(content(longshore, what))
                    .as("file in the volume of %s", what)
                    .isEqualTo(name() + "\n");
            if (endsAfterTheCrash()) {
                stop(longshore);
                stopped = true;
            }
        }
    }

    private String content(Longshore longshore, String what) {
        try (UnixHttp http = UnixHttp.connect(longshore.socket());
                UnixHttp own = UnixHttp.connect(longshore.socket())) {
            return output(own, session(http, "cat /data/file"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(what, e);
        }
    }

    @Override
    void checkAround(Longshore longshore, String what) {
        int status = longshore.call(Request.get("/volumes/" + volume())).status();
        assertThat(status).as("inspect of the volume, %s", what).isIn(200, 404);
        Known found = volume.found(status == 200, "whether the volume is there, " + what);
        // A removal that was cut off may be finished later.
        volume = found == Known.THERE && volume == Known.GOING ? Known.GOING : found;
        if (written && !mounted && volume == Known.THERE) {
            assertThat(longshore.work().resolve("volumes").resolve(volume()).resolve("_data/file"))
                    .as("file in the volume, %s", what)
                    .hasContent(name() + "\n");
        }
    }

    @Override
    void clearAround(Engine engine, String what) {
        clear(engine, "/volumes/" + volume(), 204, what);
        volume = Known.ABSENT;
    }
}
