package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** A script that ends by itself, or lasts and may be stopped. */
final class PlainLife extends Life {
    /** What is written by every script before it ends or goes on. */
    private static final List<String> LINES = List.of("one", "two");

    /** What the client knows, in the order of a life; those in the middle of a request end in -ING. */
    private enum Known {
        CREATED,
        STARTING,
        STARTED,
        STOPPING,
        ENDED
    }

    private final boolean lasts;
    private int code;
    private Known known = Known.CREATED;
    private boolean stopped;

    PlainLife(Random random) {
        this.code = random.nextInt(100);
        this.lasts = random.nextBoolean();
    }

    @Override
    String known() {
        return (lasts ? "that lasts" : "that ends with " + code) + ", known as " + known;
    }

    @Override
    String body() {
        // One that lasts must outlast some restarts: eight processes took 40 s for one on a busy machine.
        return body("", "", "sh", "-c", "echo one; echo two; " + (lasts ? "exec sleep 3600" : "exit " + code));
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        if (random.nextInt(10) == 0) {
            return;
        }
        known = Known.STARTING;
        start(http);
        known = Known.STARTED;
        if (!lasts) {
            int told = http.exchange(Request.post(path() + "/wait"))
                    .expect(200)
                    .json()
                    .path("StatusCode")
                    .asInt();
            assertThat(told).isEqualTo(code);
            known = Known.ENDED;
        } else if (random.nextInt(3) > 0) {
            stopping();
            stop(http);
            known = Known.ENDED;
        }
    }

    private void stopping() {
        stopped = true;
        code = KILLED;
        known = Known.STOPPING;
    }

    @Override
    boolean mayHaveBeenKilled() {
        if (known == Known.STARTED && lasts) {
            stopping();
        }
        return true;
    }

    @Override
    void check(Longshore longshore, String what) {
        JsonNode state = await(longshore, answer -> lasts || !status(answer).equals("running"))
                .json()
                .path("State");
        String status = state.path("Status").asString();
        assertThat(status).as(what).isIn(allowed());
        switch (status) {
            case "created" ->
                assertThat(logLines(longshore, id())).as("log of %s", what).isEmpty();
            case "running" -> {
                assertThat(state.path("Pid").asLong()).as("pid of %s", what).isPositive();
                runningLog(longshore, what);
            }
            default -> ended(longshore, state, what);
        }
        known = switch (status) {
            case "created" -> Known.CREATED;
            case "running" -> Known.STARTED;
            default -> Known.ENDED;
        };
    }

    private List<String> allowed() {
        return switch (known) {
            case CREATED -> List.of("created");
            case STARTING -> List.of("created", lasts ? "running" : "exited");
            case STARTED -> List.of(lasts ? "running" : "exited");
            case STOPPING -> List.of("running", "exited");
            case ENDED -> List.of("exited");
        };
    }

    private void ended(Engine engine, JsonNode state, String what) {
        assertThat(state.path("ExitCode").asInt()).as("exit code of %s", what).isEqualTo(code);
        List<String> lines = logLines(engine, id());
        // One that was stopped may have been killed before it wrote.
        List<String> wanted = stopped ? LINES.subList(0, Math.min(lines.size(), LINES.size())) : LINES;
        assertThat(lines).as("log of %s", what).isEqualTo(wanted);
    }

    /** What was started a moment ago may be about to write. */
    private void runningLog(Engine engine, String what) {
        long end = System.nanoTime() + SETTLE.toNanos();
        List<String> lines = logLines(engine, id());
        while (lines.size() < LINES.size() && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            lines = logLines(engine, id());
        }
        assertThat(lines).as("log of %s", what).isEqualTo(LINES);
    }
}
