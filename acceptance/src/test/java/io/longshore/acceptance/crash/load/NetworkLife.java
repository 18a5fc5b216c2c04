package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * A container on the default bridge that is connected to a network of its own and disconnected from it while it runs. What inspect says of
 * its networks is what its sandbox has (see {@code Networks} of the leak check), and its own name is served on its own network.
 */
final class NetworkLife extends Life {
    private static final int MOST = 4;

    private final Path socket;
    private Known network = Known.ABSENT;
    private Known connection = Known.ABSENT;
    private boolean starting;
    private boolean started;

    NetworkLife(Path socket) {
        this.socket = socket;
    }

    @Override
    String known() {
        return "with a network known as " + network + " and a connection known as " + connection;
    }

    private String network() {
        return "net-" + name();
    }

    @Override
    void prepare(UnixHttp http, Random random) throws IOException {
        network = Known.COMING;
        http.exchange(Request.post("/networks/create", "{\"Name\":\"" + network() + "\"}"))
                .expect(201);
        network = Known.THERE;
    }

    @Override
    String body() {
        return body("busybox", "", "\"NetworkMode\":\"bridge\"", new String[] {"sleep", "3600"});
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        starting = true;
        start(http);
        started = true;
        for (int i = random.nextInt(MOST); i >= 0; i--) {
            connection = Known.COMING;
            http.exchange(Request.post("/networks/" + network() + "/connect", "{\"Container\":\"" + id() + "\"}"))
                    .expect(200);
            connection = Known.THERE;
            assertThat(address(inspect(http))).as("address of %s", known()).isNotEmpty();
            if (i > 0 || random.nextBoolean()) {
                connection = Known.GOING;
                http.exchange(Request.post(
                                "/networks/" + network() + "/disconnect", "{\"Container\":\"" + id() + "\"}"))
                        .expect(200);
                connection = Known.ABSENT;
            }
        }
    }

    @Override
    void tidy(UnixHttp http) throws IOException {
        network = Known.GOING;
        http.exchange(Request.delete("/networks/" + network())).expect(204);
        network = Known.ABSENT;
    }

    private String address(JsonNode inspected) {
        return inspected
                .path("NetworkSettings")
                .path("Networks")
                .path(network())
                .path("IPAddress")
                .asString("");
    }

    @Override
    void check(Longshore longshore, String what) {
        JsonNode inspected = inspect(longshore);
        String status = status(inspected);
        assertThat(status)
                .as(what)
                .isIn(started ? List.of("running") : starting ? List.of("created", "running") : List.of("created"));
        started = status.equals("running");
        starting = started;
        boolean connected = inspected.path("NetworkSettings").path("Networks").has(network());
        connection = connection.found(connected, "whether it is connected, " + what + ": " + inspected);
        if (connected && started) {
            serves(address(inspected), what);
        }
    }

    /** What a crash cut off is undone on the node after some time, and the name is known then. */
    private void serves(String address, String what) {
        long end = System.nanoTime() + SWEEP.toNanos();
        String answer = lookUp(what);
        while (!answer.contains(address) && System.nanoTime() < end) {
            LockSupport.parkNanos(500_000_000);
            answer = lookUp(what);
        }
        assertThat(answer).as("what its name server says of itself, %s", what).contains(address);
    }

    private String lookUp(String what) {
        try (UnixHttp http = UnixHttp.connect(socket);
                UnixHttp own = UnixHttp.connect(socket)) {
            return output(own, session(http, "nslookup -type=a " + name() + " 127.0.0.11 2>&1"));
        } catch (IOException e) {
            throw new UncheckedIOException(what, e);
        }
    }

    @Override
    void checkAround(Longshore longshore, String what) {
        int status = longshore.call(Request.get("/networks/" + network())).status();
        assertThat(status).as("inspect of the network, %s", what).isIn(200, 404);
        network = network.found(status == 200, "whether the network is there, " + what);
    }

    @Override
    void clearAround(Engine engine, String what) {
        clear(engine, "/networks/" + network(), 204, what);
        network = Known.ABSENT;
    }
}
