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
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * What an upgrade is to containers: Longshore stops as {@code ./longshore down} stops it and another one takes over. None of them is started
 * again. {@code -Dacceptance.upgrade=200} is the full number; how long it may take is for the benchmark to say.
 */
@ExtendWith(RunningEngines.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class UpgradeRootIT {
    private static final int CONTAINERS = Integer.getInteger("acceptance.upgrade", 50);
    private static final int CLIENTS = 8;

    /** What is different about each fifth container. */
    private enum Kind {
        PLAIN,
        /** Has restart policies. */
        RESTARTING,
        /** Has a health check. */
        CHECKED,
        /** Writes numbered lines. */
        WRITING,
        /** Has an exec session that runs. */
        WITH_SESSION
    }

    /** A container that runs, and what was known of it before. */
    private record Running(String id, Kind kind, String session, JsonNode before) {}

    @SuppressWarnings("NullAway.Init")
    private Standalone longshore;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        assumeTrue(Form.picked().anyMatch(Form.STANDALONE::equals), "as ./longshore down and up do it");
        longshore = (Standalone) engines.of(Form.STANDALONE);
    }

    @AfterEach
    void removeAll() throws Exception {
        if (longshore != null) {
            List<String> ids = new ArrayList<>();
            for (JsonNode container :
                    longshore.call(Request.get("/containers/json?all=1")).json()) {
                ids.add(container.path("Id").asString());
            }
            all(
                    ids.size(),
                    i -> longshore
                            .call(Request.delete("/containers/" + ids.get(i) + "?force=1"))
                            .expect(204));
            LeakCheck.check(longshore);
        }
    }

    @Test
    void restartsNoContainer() throws Exception {
        List<Running> containers = all(CONTAINERS, this::run);
        Soak soak = new Soak("standalone", "stop and start with " + CONTAINERS + " running containers", 0);
        long begun = System.nanoTime();
        longshore.stop();
        longshore.restart();
        assertThat(longshore.call(Request.get("/containers/json")).json().size())
                .isEqualTo(CONTAINERS);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        for (Running container : containers) {
            check(container);
        }
        works(containers.getFirst());
        soak.done(
                String.format(Locale.ROOT, "back after %.1f s, all with the same processes", took.toMillis() / 1000.0));
    }

    private Running run(int number) throws IOException {
        Kind kind = Kind.values()[number % Kind.values().length];
        Response created = longshore.call(Request.post("/containers/create", body(kind, number)));
        String id = created.expect(201).json().path("Id").asString();
        longshore.call(Request.post(path(id) + "/start")).expect(204);
        String session = "";
        if (kind == Kind.WITH_SESSION) {
            session = longshore
                    .call(Request.post(path(id) + "/exec", "{\"Cmd\":[\"sh\",\"-c\",\"sleep 3600\"]}"))
                    .expect(201)
                    .json()
                    .path("Id")
                    .asString();
            longshore
                    .call(Request.post("/exec/" + session + "/start", "{\"Detach\":true}"))
                    .expect(200);
        }
        return new Running(id, kind, session, inspect(id));
    }

    private static String body(Kind kind, int number) {
        String policy = number % 2 == 0 ? "always" : "unless-stopped";
        return switch (kind) {
            case PLAIN, WITH_SESSION -> Life.body("", "", "sleep", "3600");
            case RESTARTING -> Life.body("", "\"RestartPolicy\":{\"Name\":\"" + policy + "\"},", "sleep", "3600");
            case CHECKED ->
                Life.body(
                        "\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":2000000000},", "", "sleep", "3600");
            case WRITING ->
                Life.body("", "", "sh", "-c", "i=0; while :; do i=$((i+1)); echo line $i; usleep 500000; done");
        };
    }

    private void check(Running container) throws IOException {
        JsonNode now = inspect(container.id);
        for (String field : List.of("Status", "Pid", "StartedAt", "FinishedAt")) {
            assertThat(now.path("State").path(field))
                    .as("%s of %s", field, container)
                    .isEqualTo(container.before.path("State").path(field));
        }
        assertThat(now.path("RestartCount").asInt())
                .as("restarts of %s", container)
                .isZero();
        switch (container.kind) {
            case PLAIN, RESTARTING ->
                assertThat(now.path("State").has("Health")).isFalse();
            case CHECKED ->
                assertThat(now.path("State").path("Health").path("Status").asString())
                        .as("health of %s", container)
                        .isIn("healthy", "starting");
            case WRITING -> writes(container.id);
            case WITH_SESSION ->
                assertThat(runs(container.session))
                        .as("session of %s", container)
                        .isTrue();
        }
    }

    /** Nothing is missing where Longshore was away. */
    private void writes(String id) {
        List<String> lines = Life.logLines(longshore, id);
        assertThat(lines).as("log of %s", id).hasSizeGreaterThan(2);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).as("log of %s", id).isEqualTo("line " + (i + 1));
        }
    }

    private boolean runs(String session) throws IOException {
        return longshore
                .call(Request.get("/exec/" + session + "/json"))
                .expect(200)
                .json()
                .path("Running")
                .asBoolean();
    }

    /** What came over takes commands as what was started now does. */
    private void works(Running container) throws IOException {
        String id = container.id;
        String session = longshore
                .call(Request.post(
                        path(id) + "/exec",
                        "{\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"echo here > /proc/1/fd/1; exit 3\"]}"))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        try (UnixHttp attached = UnixHttp.connect(longshore.socket());
                UnixHttp own = UnixHttp.connect(longshore.socket())) {
            Response.Head head = attached.open(Request.post(path(id) + "/attach?stream=1&stdout=1")
                    .with("Connection: Upgrade")
                    .with("Upgrade: tcp"));
            assertThat(head.status()).isEqualTo(101);
            assertThat(Life.output(own, session)).isEmpty();
            assertThat(new String(attached.raw().readNBytes(8 + 5), java.nio.charset.StandardCharsets.UTF_8))
                    .endsWith("here\n");
        }
        assertThat(longshore
                        .call(Request.get("/exec/" + session + "/json"))
                        .json()
                        .path("ExitCode")
                        .asInt())
                .isEqualTo(3);
        longshore.call(Request.post(path(id) + "/stop?t=0")).expect(204);
        assertThat(inspect(id).path("State").path("ExitCode").asInt()).isEqualTo(Life.KILLED);
    }

    private JsonNode inspect(String id) throws IOException {
        return longshore.call(Request.get(path(id) + "/json")).expect(200).json();
    }

    private static String path(String id) {
        return "/containers/" + id;
    }

    /** One piece of work. */
    private interface Work<T> {
        T of(int number) throws IOException;
    }

    /** Does it for the numbers from 0, some at the same time. */
    private static <T> List<T> all(int count, Work<T> work) throws ExecutionException, InterruptedException {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<T>> begun = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                Callable<T> one = () -> work.of(number);
                begun.add(clients.submit(one));
            }
            List<T> done = new ArrayList<>();
            for (Future<T> one : begun) {
                done.add(one.get());
            }
            return done;
        }
    }
}
