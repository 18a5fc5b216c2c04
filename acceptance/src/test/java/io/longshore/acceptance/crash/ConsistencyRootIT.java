package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.acceptance.running.OwnThread;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No answer precedes what it says, and nothing is left behind. The counts are small here;
 * {@code -Dacceptance.consistency=10000 -Dacceptance.churn=500 -Dacceptance.burst=100} are the full ones.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("io.longshore.acceptance.running.Form#picked")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith(RunningEngines.class)
@Timeout(value = 6, unit = TimeUnit.HOURS)
class ConsistencyRootIT {
    private static final int CONSISTENCY = Integer.getInteger("acceptance.consistency", 120);
    private static final int CHURN = Integer.getInteger("acceptance.churn", 40);
    private static final int BURST = Integer.getInteger("acceptance.burst", 30);
    private static final String BODY =
            "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"exit 3\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}";

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Form form;

    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        assumeTrue(form.longshore(), "about Longshore");
        engine = engines.of(form);
    }

    @AfterEach
    void leavesNothing() {
        if (engine instanceof Longshore longshore) {
            Response left = engine.call(Request.get("/containers/json?all=1"));
            for (var container : left.json()) {
                engine.call(Request.delete("/containers/" + container.path("Id").asString() + "?force=1"));
            }
            LeakCheck.check(longshore);
            assertThat(left.text().strip()).isEqualTo("[]");
        }
    }

    private Soak soak(String what) {
        return new Soak(form.name().toLowerCase(Locale.ROOT), what, 0);
    }

    @Test
    void noAnswerPrecedesWhatItSays() throws Exception {
        Soak soak = soak("start then inspect, wait then inspect, wait then remove: " + CONSISTENCY + " times");
        try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                all.add(clients.submit(() -> {
                    lives(CONSISTENCY / 4);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        soak.done("no answer precedes what it says");
    }

    /** Each on a connection of its own: start then inspect, wait then inspect, wait then remove, remove then inspect. */
    private void lives(int count) throws IOException {
        try (UnixHttp one = UnixHttp.connect(engine.socket());
                UnixHttp two = UnixHttp.connect(engine.socket())) {
            for (int i = 0; i < count; i++) {
                String path = "/containers/"
                        + one.exchange(Request.post("/containers/create", BODY))
                                .expect(201)
                                .json()
                                .path("Id")
                                .asString();
                assertThat(status(two, path)).isEqualTo("created 0");
                one.exchange(Request.post(path + "/start")).expect(204);
                assertThat(status(two, path)).isIn("running 0", "exited 3");
                assertThat(one.exchange(Request.post(path + "/wait"))
                                .expect(200)
                                .json()
                                .path("StatusCode")
                                .asInt())
                        .isEqualTo(3);
                assertThat(status(two, path)).as("after wait").isEqualTo("exited 3");
                Response removed = two.exchange(Request.delete(path));
                assertThat(removed.status())
                        .as("remove after wait: %s", removed.text())
                        .isEqualTo(204);
                assertThat(one.exchange(Request.get(path + "/json")).status())
                        .as("inspect after remove")
                        .isEqualTo(404);
            }
        }
    }

    private static String status(UnixHttp http, String path) throws IOException {
        var state =
                http.exchange(Request.get(path + "/json")).expect(200).json().path("State");
        return state.path("Status").asString() + " " + state.path("ExitCode").asInt();
    }

    @Test
    void manyInARowLeaveNothing() throws IOException {
        Soak soak = soak(CHURN + " containers in a row");
        lives(CHURN);
        LeakCheck.check((Longshore) engine);
        soak.done("nothing left behind");
    }

    @Test
    void manyAtOnceLeaveNothing() throws Exception {
        Soak soak = soak(BURST + " containers at once");
        try (ExecutorService clients = Executors.newFixedThreadPool(BURST)) {
            List<Future<?>> all = new ArrayList<>();
            for (int client = 0; client < BURST; client++) {
                all.add(clients.submit(() -> {
                    lives(1);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        LeakCheck.check((Longshore) engine);
        soak.done("nothing left behind");
    }

    @Test
    void manyRunningAtOnceAreAllThere() throws IOException {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            String path = "/containers/"
                    + engine.call(Request.post("/containers/create", BODY.replace("exit 3", "sleep 100")))
                            .expect(201)
                            .json()
                            .path("Id")
                            .asString();
            engine.call(Request.post(path + "/start")).expect(204);
            paths.add(path);
        }
        assertThat(engine.call(Request.get("/containers/json")).json().size()).isEqualTo(BURST);
        LeakCheck.check((Longshore) engine);
        for (String path : paths) {
            engine.call(Request.delete(path + "?force=1")).expect(204);
        }
    }
}
