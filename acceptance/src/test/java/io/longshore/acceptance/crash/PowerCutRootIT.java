package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.crash.load.Life;
import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * The machine is gone and comes back: no process, cgroup, mount or run directory is left, and the boot has another id. Restart policies start
 * what ran; what was stopped stays so, but for what is to run always, which Docker starts whenever it begins.
 */
@ExtendWith(RunningEngines.class)
class PowerCutRootIT {
    /** What Docker shows of a process whose end nobody saw. */
    private static final int UNKNOWN = 255;

    private static final Duration SETTLE = Duration.ofSeconds(30);

    @SuppressWarnings("NullAway.Init")
    private Standalone longshore;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        assumeTrue(Form.picked().anyMatch(Form.STANDALONE::equals), "the whole of it goes at once");
        longshore = (Standalone) engines.of(Form.STANDALONE);
    }

    @AfterEach
    void removeAll() {
        if (longshore != null) {
            longshore.restart();
            for (JsonNode container :
                    longshore.call(Request.get("/containers/json?all=1")).json()) {
                longshore.call(
                        Request.delete("/containers/" + container.path("Id").asString() + "?force=1"));
            }
            LeakCheck.check(longshore);
        }
    }

    @Test
    void startsAgainWhatIsToRun() throws IOException {
        String always = run("always", "echo run; exec sleep 3600");
        String unlessStopped = run("unless-stopped", "echo run; exec sleep 3600");
        String onFailure = run("on-failure", "echo run; exec sleep 3600");
        String paused = run("always", "echo run; exec sleep 3600");
        longshore.call(Request.post(path(paused) + "/pause")).expect(204);
        String alwaysStopped = stopped(run("always", "echo run; exec sleep 3600"));
        longshore.powerCut();
        longshore.restart();
        for (String id : new String[] {always, unlessStopped, onFailure, paused, alwaysStopped}) {
            JsonNode now = await(id, "running");
            assertThat(now.path("State").path("Pid").asLong()).as(id).isPositive();
            assertThat(now.path("RestartCount").asInt())
                    .as("restarts of %s", id)
                    .isZero();
            assertThat(awaitLines(id, 2)).as("log of %s", id).isEqualTo(2);
        }
    }

    @Test
    void leavesWhatIsNotToRun() throws IOException {
        String plain = run("no", "echo run; exec sleep 3600");
        String stopped = stopped(run("unless-stopped", "echo run; exec sleep 3600"));
        String done = run("on-failure", "echo run; exit 0");
        await(done, "exited");
        String never = create("always", "echo run; exec sleep 3600", "");
        String removed = create("no", "exec sleep 3600", "\"AutoRemove\":true,");
        longshore.call(Request.post(path(removed) + "/start")).expect(204);
        longshore.powerCut();
        longshore.restart();
        assertThat(exitCode(await(plain, "exited"))).isEqualTo(UNKNOWN);
        assertThat(exitCode(await(stopped, "exited"))).isEqualTo(Life.KILLED);
        assertThat(exitCode(await(done, "exited"))).isZero();
        await(never, "created");
        awaitNone(removed);
        for (String id : new String[] {plain, stopped, done}) {
            assertThat(Life.logLines(longshore, id)).as("log of %s", id).containsExactly("run");
        }
        // It can be started, and its log goes on.
        longshore.call(Request.post(path(plain) + "/start")).expect(204);
        assertThat(awaitLines(plain, 2)).isEqualTo(2);
    }

    private String run(String policy, String script) throws IOException {
        String id = create(policy, script, "");
        longshore.call(Request.post(path(id) + "/start")).expect(204);
        assertThat(awaitLines(id, 1)).isEqualTo(1);
        return id;
    }

    private String create(String policy, String script, String host) throws IOException {
        String body = Life.body("", host + "\"RestartPolicy\":{\"Name\":\"" + policy + "\"},", "sh", "-c", script);
        return longshore
                .call(Request.post("/containers/create", body))
                .expect(201)
                .json()
                .path("Id")
                .asString();
    }

    private String stopped(String id) throws IOException {
        longshore.call(Request.post(path(id) + "/stop?t=0")).expect(204);
        return id;
    }

    private JsonNode await(String id, String status) throws IOException {
        long end = System.nanoTime() + SETTLE.toNanos();
        JsonNode now = inspect(id);
        while (!Life.status(now).equals(status) && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            now = inspect(id);
        }
        assertThat(Life.status(now)).as("status of %s: %s", id, now).isEqualTo(status);
        return now;
    }

    private void awaitNone(String id) {
        long end = System.nanoTime() + SETTLE.toNanos();
        Response now = longshore.call(Request.get(path(id) + "/json"));
        while (now.status() == 200 && System.nanoTime() < end) {
            LockSupport.parkNanos(50_000_000);
            now = longshore.call(Request.get(path(id) + "/json"));
        }
        assertThat(now.status())
                .as("%s, which was to be removed at its end: %s", id, now.text())
                .isEqualTo(404);
    }

    private int awaitLines(String id, int count) {
        long end = System.nanoTime() + SETTLE.toNanos();
        int lines = Life.logLines(longshore, id).size();
        while (lines < count && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            lines = Life.logLines(longshore, id).size();
        }
        return lines;
    }

    private JsonNode inspect(String id) throws IOException {
        return longshore.call(Request.get(path(id) + "/json")).expect(200).json();
    }

    private static int exitCode(JsonNode inspected) {
        return inspected.path("State").path("ExitCode").asInt();
    }

    private static String path(String id) {
        return "/containers/" + id;
    }
}
