package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.OwnThread;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every class of cases on the wire shares: once per form, and no containers before and after each case. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.longshore.acceptance.running.Form#picked")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith(RunningEngines.class)
public abstract class ApiCases {
    /** Set by JUnit before each case. */
    @Parameter
    @SuppressWarnings("NullAway.Init")
    protected Form form;

    /** Of that form, with the image {@code busybox}; set before each case. */
    @SuppressWarnings("NullAway.Init")
    protected Engine engine;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        engine = engines.of(form);
    }

    /** Also of what was refused: no mount, namespace, cgroup, directory, process or row is left. */
    @AfterParameterizedClassInvocation
    static void leavesNothing(Form form, RunningEngines.Started engines) {
        engines.checkLeaks(form);
    }

    @AfterEach
    void removeAllContainers() {
        if (engine != null) {
            for (var container :
                    engine.call(Request.get("/containers/json?all=1")).json()) {
                String path = "/containers/" + container.path("Id").asString();
                assertThat(engine.call(Request.delete(path + "?force=1&v=1")).status())
                        .as("DELETE %s", path)
                        .isIn(204, 404);
            }
        }
    }

    protected Response call(Request request) {
        return engine.call(request);
    }

    /** A connection whose exchanges may take twenty seconds. */
    protected UnixHttp connect() throws IOException {
        return UnixHttp.connect(engine.socket(), Duration.ofSeconds(20));
    }

    /** What a container made of this body says; it is gone afterwards. */
    protected String said(String body) {
        Response created = call(Request.post("/containers/create", body));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        start(id);
        call(Request.post("/containers/" + id + "/wait"));
        String log = call(Request.get("/containers/" + id + "/logs?stdout=1&stderr=1"))
                .text();
        call(Request.delete("/containers/" + id));
        return log;
    }

    /** Creates a container without network that runs the shell script, and gives its id. */
    protected String create(String script) {
        return create(script, "");
    }

    /** The same with more members of the request, each followed by a comma. */
    protected String create(String script, String members) {
        Response created = call(Request.post(
                "/containers/create",
                "{" + members + "\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"" + script
                        + "\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }

    protected void start(String id) {
        Response started = call(Request.post("/containers/" + id + "/start"));
        assertThat(started.status()).as(started.text()).isEqualTo(204);
    }

    /** Checks the status and that the message has the parts. */
    protected void refused(Request request, int status, String... parts) {
        Response answer = call(request);
        assertThat(answer.status())
                .as("%s %s: %s", request.method(), request.target(), answer.text())
                .isEqualTo(status);
        if (form.longshore()) {
            assertThat(answer.header("Content-Type")).startsWith("application/json");
            assertThat(answer.message()).isNotBlank();
        }
        assertThat(answer.text().replace("\\\"", "\""))
                .as("%s %s", request.method(), request.target())
                .isNotBlank()
                .contains(parts);
    }

    protected static String escape(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
