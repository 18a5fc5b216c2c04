package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;

/**
 * An image that is pulled or loaded, a container that runs on it, and its removal. One whose pull was answered is there and can be run; one
 * whose pull was cut off can be had at the second try.
 */
final class ImageLife extends Life {
    private enum Known {
        ABSENT,
        COMING,
        THERE,
        GOING
    }

    private final Origin origin;
    private Known image = Known.ABSENT;
    /** Its start was asked for. */
    private boolean starting;
    /** Its start was answered. */
    private boolean started;

    private boolean tried;

    ImageLife(Origin origin) {
        this.origin = origin;
    }

    @Override
    String known() {
        return "on " + origin.reference() + ", known as " + image
                + (started ? ", started" : starting ? ", starting" : "");
    }

    @Override
    void prepare(UnixHttp http, Random random) throws IOException {
        image = Known.COMING;
        origin.bring(http);
        image = Known.THERE;
    }

    @Override
    String body() {
        return body(origin.reference(), "", "\"NetworkMode\":\"none\"", new String[] {"cat", "/number"});
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        starting = true;
        start(http);
        started = true;
        http.exchange(Request.post(path() + "/wait")).expect(200);
        assertThat(logLines(http)).as("log of %s", known()).containsExactly(origin.text());
    }

    @Override
    void tidy(UnixHttp http) throws IOException {
        image = Known.GOING;
        http.exchange(Request.delete("/images/" + origin.reference())).expect(200);
        image = Known.ABSENT;
    }

    @Override
    void check(Longshore longshore, String what) {
        String status = status(await(
                longshore,
                answer -> !status(answer).equals("running")
                        && (!started || status(answer).equals("exited"))));
        assertThat(status)
                .as(what)
                .isIn(started ? List.of("exited") : starting ? List.of("created", "exited") : List.of("created"));
        started = status.equals("exited");
        starting = started;
        if (started) {
            assertThat(logLines(longshore, id())).as("log of %s", what).containsExactly(origin.text());
        }
    }

    @Override
    void checkAround(Longshore longshore, String what) {
        boolean there = there(longshore);
        if (image == Known.THERE || image == Known.ABSENT) {
            assertThat(there).as("whether the image of %s is there", what).isEqualTo(image == Known.THERE);
        } else if (there) {
            image = Known.THERE;
        } else if (image == Known.COMING) {
            again(longshore, what);
        } else {
            image = Known.ABSENT;
        }
        if (image == Known.THERE && !tried) {
            tried = true;
            canBeRun(longshore, what);
        }
    }

    private boolean there(Engine engine) {
        int status = engine.call(Request.get("/images/" + origin.reference() + "/json"))
                .status();
        assertThat(status).as("inspect of %s", origin.reference()).isIn(200, 404);
        return status == 200;
    }

    private void again(Engine engine, String what) {
        try (UnixHttp http = UnixHttp.connect(engine.socket(), PATIENCE)) {
            origin.bring(http);
            image = Known.THERE;
        } catch (IOException e) {
            throw new UncheckedIOException(what + ": the image cannot be had any more", e);
        }
    }

    private void canBeRun(Engine engine, String what) {
        try (UnixHttp http = UnixHttp.connect(engine.socket(), PATIENCE)) {
            String path = "/containers/"
                    + http.exchange(Request.post("/containers/create", body()))
                            .expect(201)
                            .json()
                            .path("Id")
                            .asString();
            http.exchange(Request.post(path + "/start")).expect(204);
            http.exchange(Request.post(path + "/wait")).expect(200);
            assertThat(logLines(engine, path.substring("/containers/".length())))
                    .as("log of another container on the image of %s", what)
                    .containsExactly(origin.text());
            http.exchange(Request.delete(path)).expect(204);
        } catch (IOException e) {
            throw new UncheckedIOException(what + ": its image cannot be run", e);
        }
    }

    @Override
    void clearAround(Engine engine, String what) {
        clear(engine, "/images/" + origin.reference(), 200, what);
        image = Known.ABSENT;
        origin.release();
    }
}
