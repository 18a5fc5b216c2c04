package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** A container whose limits and restart policy are changed while it runs. */
final class UpdateLife extends Life {
    private static final int MOST = 6;
    private static final long MEGABYTE = 1 << 20;

    /** What can be changed: memory in bytes, and the policy's name. */
    private record Options(long memory, String policy) {
        static Options of(JsonNode inspected) {
            JsonNode host = inspected.path("HostConfig");
            return new Options(
                    host.path("Memory").asLong(),
                    host.path("RestartPolicy").path("Name").asString());
        }

        String json() {
            return "\"Memory\":" + memory + ",\"MemorySwap\":" + 2 * memory + ",\"RestartPolicy\":{\"Name\":\"" + policy
                    + "\"}";
        }
    }

    private boolean started;
    private boolean tried;
    private Options before = new Options(32 * MEGABYTE, "no");
    private Options wanted = before;

    @Override
    String known() {
        return "updated from " + before + " to " + wanted;
    }

    @Override
    String body() {
        return body("", wanted.json() + ",", "sleep", "3600");
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        start(http);
        started = true;
        for (int i = random.nextInt(MOST); i >= 0; i--) {
            wanted = new Options(
                    (16 + random.nextInt(64)) * MEGABYTE,
                    List.of("no", "always", "unless-stopped").get(random.nextInt(3)));
            http.exchange(Request.post(path() + "/update", "{" + wanted.json() + "}"))
                    .expect(200);
            before = wanted;
        }
    }

    @Override
    void check(Longshore longshore, String what) {
        if (!started) {
            return;
        }
        JsonNode inspected = inspect(longshore);
        Options now = Options.of(inspected);
        assertThat(now).as(what).isIn(before, wanted);
        before = now;
        wanted = now;
        if (tried) {
            return;
        }
        assertThat(status(inspected)).as(what).isEqualTo("running");
        assertThat(limit(longshore, now))
                .as("limit of %s, which is %s", what, now)
                .isEqualTo(now.memory);
        tryPolicy(longshore, inspected, what);
    }

    /** The limit that the kernel has. An update that was cut off is taken back within a minute. */
    private long limit(Longshore longshore, Options wanted) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        long found = kernel(longshore);
        while (found != wanted.memory && System.nanoTime() < end) {
            LockSupport.parkNanos(100_000_000);
            found = kernel(longshore);
        }
        return found;
    }

    private long kernel(Longshore longshore) {
        return Long.parseLong(ContainerCgroup.read(longshore, id(), "memory", "memory.limit_in_bytes"));
    }

    /** The node has the policy that inspect shows: what ends without a command is started again by it. */
    private void tryPolicy(Longshore longshore, JsonNode inspected, String what) {
        tried = true;
        long pid = inspected.path("State").path("Pid").asLong();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        boolean again = !wanted.policy.equals("no");
        Response after = await(
                longshore,
                answer -> again
                        ? status(answer).equals("running")
                                && answer.json().path("RestartCount").asInt() == 1
                        : status(answer).equals("exited"));
        assertThat(status(after))
                .as("%s, killed after that: %s", what, after.text())
                .isEqualTo(again ? "running" : "exited");
    }
}
