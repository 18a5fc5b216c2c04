package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;

/** A container that runs and does nothing, for exec sessions. Closing removes it. */
final class Idle implements AutoCloseable {
    private static final String BODY =
            "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"600\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}";
    private static final String TRUE = "{\"AttachStdout\":true,\"Cmd\":[\"true\"]}";

    private final UnixHttp http;
    private final String id;

    Idle(Engine engine) throws IOException {
        this.http = UnixHttp.connect(engine.socket());
        this.id = http.exchange(Request.post("/v1.41/containers/create", BODY))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        http.exchange(Request.post("/v1.41/containers/" + id + "/start")).expect(204);
    }

    String id() {
        return id;
    }

    /** Makes a session of {@code true} and starts it detached; the milliseconds until both are answered. */
    double exec() throws IOException {
        long begin = System.nanoTime();
        String session = http.exchange(Request.post("/v1.41/containers/" + id + "/exec", TRUE))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        http.exchange(Request.post("/v1.41/exec/" + session + "/start", "{\"Detach\":true}"))
                .expect(200);
        return (System.nanoTime() - begin) / 1e6;
    }

    @Override
    public void close() throws IOException {
        http.exchange(Request.delete("/v1.41/containers/" + id + "?force=1")).expect(204);
        http.close();
    }
}
