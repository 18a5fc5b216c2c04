package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.Random;

/** A container that is paused and goes on, and paused again. */
final class PauseLife extends Life {
    private static final int MOST = 6;

    private boolean started;
    private boolean paused;
    private boolean changing;

    @Override
    String known() {
        return "that is " + (changing ? "about to be " : "") + (paused ? "paused" : "running");
    }

    @Override
    String body() {
        return body("", "", "sh", "-c", "while :; do sleep 0.2; done");
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        start(http);
        started = true;
        for (int i = random.nextInt(MOST); i >= 0; i--) {
            changing = true;
            paused = !paused;
            http.exchange(change()).expect(204);
            changing = false;
        }
    }

    private Request change() {
        return Request.post(path() + (paused ? "/pause" : "/unpause"));
    }

    @Override
    void check(Longshore longshore, String what) {
        if (!started) {
            return;
        }
        String status = status(inspect(longshore));
        if (changing) {
            assertThat(status).as(what).isIn("running", "paused");
            paused = status.equals("paused");
            changing = false;
        }
        same(longshore, what);
        // It can still be changed, and is left the other way round for the next crash.
        paused = !paused;
        assertThat(longshore.call(change()).status()).as("%s once more", what).isEqualTo(204);
        same(longshore, what + ", changed after that");
    }

    /** What is said is what the kernel says. */
    private void same(Longshore longshore, String what) {
        assertThat(status(inspect(longshore))).as(what).isEqualTo(paused ? "paused" : "running");
        assertThat(ContainerCgroup.read(longshore, id(), "freezer", "freezer.state"))
                .as("freezer of %s", what)
                .isEqualTo(paused ? "FROZEN" : "THAWED");
    }
}
