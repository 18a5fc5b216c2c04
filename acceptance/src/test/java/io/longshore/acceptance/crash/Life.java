package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * One container of a {@link Load} and what its client was told of it. A request that is under way when Longshore is killed may have had
 * its effect or not; what was answered has happened.
 */
final class Life {
    /** For the end of a script that runs, and for a removal that goes on by itself after the crash. */
    private static final Duration SETTLE = Duration.ofSeconds(20);

    /** What is written by every script before it ends or goes on. */
    static final List<String> LINES = List.of("one", "two");

    static final int KILLED = 137;

    /** What the client knows, in the order of a life; those in the middle of a request end in -ING. */
    enum Known {
        CREATED,
        STARTING,
        STARTED,
        STOPPING,
        ENDED,
        REMOVING,
        REMOVED
    }

    private final String id;
    private final boolean lasts;
    private volatile int code;
    private volatile Known known = Known.CREATED;
    private volatile Known beforeRemoval = Known.CREATED;
    private volatile boolean stopped;

    /** @param code that the script ends with by itself; negative for one that lasts */
    Life(String id, int code) {
        this.id = id;
        this.lasts = code < 0;
        this.code = code;
    }

    String id() {
        return id;
    }

    /** The client is about to ask, or was answered. */
    void is(Known now) {
        if (now == Known.REMOVING) {
            beforeRemoval = known;
        }
        if (now == Known.STOPPING) {
            stopped = true;
            code = KILLED;
        }
        known = now;
    }

    /** Checks what Longshore says against what is known, which is then what it said: nothing may change by itself from here on. */
    void check(Engine engine, String when) {
        String what = when + ", container " + id + (lasts ? " that lasts" : " that ends with " + code) + ", known as "
                + known;
        Response inspected = engine.call(Request.get(path() + "/json"));
        switch (known) {
            case REMOVED -> assertThat(inspected.status()).as(what).isEqualTo(404);
            case REMOVING -> removing(engine, what);
            case CREATED, STARTING, STARTED, STOPPING, ENDED -> {
                assertThat(inspected.status())
                        .as("%s: %s", what, inspected.text())
                        .isEqualTo(200);
                known = there(engine, known, what);
            }
        }
    }

    /** Either it has begun, and then it goes on to its end, or the request has not arrived. */
    private void removing(Engine engine, String what) {
        long end = System.nanoTime() + SETTLE.toNanos();
        Response inspected = engine.call(Request.get(path() + "/json"));
        while (status(inspected).equals("removing") && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            inspected = engine.call(Request.get(path() + "/json"));
        }
        assertThat(inspected.status()).as("%s: %s", what, inspected.text()).isIn(200, 404);
        if (inspected.status() == 404) {
            known = Known.REMOVED;
            return;
        }
        // A removal by force first ends what runs.
        boolean ended = beforeRemoval == Known.STARTED && lasts;
        if (ended) {
            stopped = true;
            code = KILLED;
        }
        known = there(engine, ended ? Known.STOPPING : beforeRemoval, what);
    }

    private Known there(Engine engine, Known was, String what) {
        JsonNode state = settled(engine);
        String status = state.path("Status").asString();
        assertThat(status).as(what).isIn(allowed(was));
        switch (status) {
            case "created" ->
                assertThat(Load.logLines(engine, id)).as("log of %s", what).isEmpty();
            case "running" -> {
                assertThat(state.path("Pid").asLong()).as("pid of %s", what).isPositive();
                runningLog(engine, what);
            }
            default -> {
                assertThat(state.path("ExitCode").asInt())
                        .as("exit code of %s", what)
                        .isEqualTo(code);
                List<String> lines = Load.logLines(engine, id);
                if (stopped) {
                    // It may have been killed before it wrote.
                    assertThat(lines).as("log of %s", what).isEqualTo(LINES.subList(0, Math.min(lines.size(), 2)));
                } else {
                    assertThat(lines).as("log of %s", what).isEqualTo(LINES);
                }
            }
        }
        return switch (status) {
            case "created" -> Known.CREATED;
            case "running" -> Known.STARTED;
            default -> Known.ENDED;
        };
    }

    private List<String> allowed(Known was) {
        return switch (was) {
            case CREATED -> List.of("created");
            case STARTING -> List.of("created", lasts ? "running" : "exited");
            case STARTED -> List.of(lasts ? "running" : "exited");
            case STOPPING -> List.of("running", "exited");
            case ENDED, REMOVING, REMOVED -> List.of("exited");
        };
    }

    /** The state once a script that ends has ended. */
    private JsonNode settled(Engine engine) {
        long end = System.nanoTime() + SETTLE.toNanos();
        Response inspected = engine.call(Request.get(path() + "/json"));
        while (!lasts && status(inspected).equals("running") && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            inspected = engine.call(Request.get(path() + "/json"));
        }
        return inspected.json().path("State");
    }

    /** What was started a moment ago may be about to write. */
    private void runningLog(Engine engine, String what) {
        long end = System.nanoTime() + SETTLE.toNanos();
        List<String> lines = Load.logLines(engine, id);
        while (lines.size() < LINES.size() && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            lines = Load.logLines(engine, id);
        }
        assertThat(lines).as("log of %s", what).isEqualTo(LINES);
    }

    private static String status(Response inspected) {
        return inspected.status() == 200
                ? inspected.json().path("State").path("Status").asString()
                : "";
    }

    private String path() {
        return "/containers/" + id;
    }
}
