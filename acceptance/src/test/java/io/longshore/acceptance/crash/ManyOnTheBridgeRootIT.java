package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.acceptance.running.OwnThread;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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
 * Containers on the default bridge, a part of them with published ports, leave no interface, sandbox, rule, port or address behind. The counts
 * are small here; {@code -Dacceptance.bridged=1000 -Dacceptance.bridged.at-once=200} are the full ones.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("io.longshore.acceptance.running.Form#picked")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith(RunningEngines.class)
@Timeout(value = 6, unit = TimeUnit.HOURS)
class ManyOnTheBridgeRootIT {
    private static final int IN_A_ROW = Integer.getInteger("acceptance.bridged", 40);
    private static final int AT_ONCE = Integer.getInteger("acceptance.bridged.at-once", 40);
    /** Each so many-th has published ports. */
    private static final int PUBLISHED = 4;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Form form;

    @SuppressWarnings("NullAway.Init")
    Longshore longshore;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        assumeTrue(form.longshore(), "about Longshore");
        longshore = (Longshore) engines.of(form);
    }

    /** For the next class also when a check has failed. */
    @AfterEach
    void removeAll() {
        if (longshore != null) {
            for (var container :
                    longshore.call(Request.get("/containers/json?all=1")).json()) {
                longshore.call(
                        Request.delete("/containers/" + container.path("Id").asString() + "?force=1"));
            }
        }
    }

    private Soak soak(String what) {
        return new Soak(form.name().toLowerCase(Locale.ROOT), what, 0);
    }

    private static String body(int number, String command) {
        String ports = number % PUBLISHED == 0
                ? "{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"\"}],\"53/udp\":[{\"HostPort\":\"\"}]}}"
                : "{}";
        return "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"" + command + "\"],\"HostConfig\":" + ports + "}";
    }

    private static String create(UnixHttp http, int number, String command) throws IOException {
        return "/containers/"
                + http.exchange(Request.post("/containers/create", body(number, command)))
                        .expect(201)
                        .json()
                        .path("Id")
                        .asString();
    }

    @Test
    void inARow() throws IOException {
        Soak soak = soak(IN_A_ROW + " containers on the bridge in a row");
        try (UnixHttp http = UnixHttp.connect(longshore.socket())) {
            for (int i = 0; i < IN_A_ROW; i++) {
                String path = create(http, i, "exit 3");
                http.exchange(Request.post(path + "/start")).expect(204);
                assertThat(http.exchange(Request.post(path + "/wait"))
                                .expect(200)
                                .json()
                                .path("StatusCode")
                                .asInt())
                        .isEqualTo(3);
                http.exchange(Request.delete(path)).expect(204);
            }
        }
        LeakCheck.check(longshore);
        soak.done("nothing left behind");
    }

    /** All of them run before the first one goes. */
    @Test
    void atOnce() throws Exception {
        Soak soak = soak(AT_ONCE + " containers on the bridge at once");
        List<Callable<String>> starts = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            int number = i;
            starts.add(() -> {
                try (UnixHttp http = UnixHttp.connect(longshore.socket())) {
                    String path = create(http, number, "sleep 3600");
                    http.exchange(Request.post(path + "/start")).expect(204);
                    return path;
                }
            });
        }
        try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
            List<String> paths = all(clients, starts);
            assertThat(longshore.call(Request.get("/containers/json")).json().size())
                    .isEqualTo(AT_ONCE);
            LeakCheck.check(longshore);
            List<Callable<String>> removals = new ArrayList<>();
            for (String path : paths) {
                removals.add(() -> {
                    try (UnixHttp http = UnixHttp.connect(longshore.socket())) {
                        http.exchange(Request.delete(path + "?force=1")).expect(204);
                        return path;
                    }
                });
            }
            all(clients, removals);
        }
        LeakCheck.check(longshore);
        soak.done("all there, and nothing left behind");
    }

    private static List<String> all(ExecutorService clients, List<Callable<String>> work) throws Exception {
        List<String> done = new ArrayList<>();
        for (Future<String> each : clients.invokeAll(work)) {
            done.add(each.get());
        }
        return done;
    }
}
