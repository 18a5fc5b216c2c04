package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A container as of {@code docker run -i}, whose client loses its connection because Longshore goes: it runs on, and a client that comes
 * later gives it more input.
 */
@ExtendWith(RunningEngines.class)
class InteractiveRootIT {
    @SuppressWarnings("NullAway.Init")
    private Standalone longshore;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        assumeTrue(
                Form.picked().anyMatch(Form.STANDALONE::equals), "one process, all of whose connections end with it");
        longshore = (Standalone) engines.of(Form.STANDALONE);
    }

    @Test
    void keepsItsInputWhenLongshoreStops() throws IOException {
        keepsItsInput(longshore::stop);
    }

    @Test
    void keepsItsInputWhenLongshoreIsKilled() throws IOException {
        keepsItsInput(longshore::crash);
    }

    @Test
    void keepsItsInputWhenRuncMadeIt() throws IOException {
        keepsItsInput(longshore::crash, "runc");
    }

    @Test
    void losesItWithItsClient() throws IOException {
        String id = create("longshore");
        try (UnixHttp client = attached(id)) {
            start(id);
            says(client, id, "one");
        }
        ends(id);
    }

    private void keepsItsInput(Runnable end) throws IOException {
        keepsItsInput(end, "longshore");
    }

    private void keepsItsInput(Runnable end, String runtime) throws IOException {
        String id = create(runtime);
        UnixHttp first = attached(id);
        start(id);
        says(first, id, "one");
        end.run();
        longshore.restart();
        first.close();
        try (UnixHttp second = attached(id)) {
            says(second, id, "two");
            second.halfClose();
            ends(id);
        }
        assertThat(longshore.call(Request.get("/containers/" + id + "/json")).status())
                .isEqualTo(404);
        LeakCheck.check(longshore);
    }

    private String create(String runtime) {
        Response created = longshore.call(Request.post(
                "/containers/create",
                "{\"Image\":\"busybox\",\"Cmd\":[\"cat\"],\"OpenStdin\":true,\"StdinOnce\":true,\"AttachStdin\":true,"
                        + "\"HostConfig\":{\"NetworkMode\":\"none\",\"AutoRemove\":true,\"Runtime\":\"" + runtime
                        + "\"}}"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }

    private UnixHttp attached(String id) throws IOException {
        UnixHttp http = UnixHttp.connect(longshore.socket(), Duration.ofSeconds(20));
        Response.Head head = http.open(Request.post("/containers/" + id + "/attach?stream=1&stdin=1&stdout=1")
                .with("Connection: Upgrade")
                .with("Upgrade: tcp"));
        assertThat(head.status()).isEqualTo(101);
        return http;
    }

    private void start(String id) {
        assertThat(longshore.call(Request.post("/containers/" + id + "/start")).status())
                .isEqualTo(204);
    }

    /** The container repeats what it is told, in one frame. */
    private static void says(UnixHttp client, String id, String word) throws IOException {
        client.write((word + "\n").getBytes(StandardCharsets.UTF_8));
        byte[] frame = client.raw().readNBytes(8 + word.length() + 1);
        assertThat(new String(frame, StandardCharsets.UTF_8)).as(id).endsWith(word + "\n");
    }

    private void ends(String id) {
        Response waited = longshore.call(Request.post("/containers/" + id + "/wait?condition=removed"));
        assertThat(waited.status()).isIn(200, 404); // 404: it has gone already
    }
}
