package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import tools.jackson.databind.json.JsonMapper;

/** One container's life over one kept connection: create, start, wait, delete of {@code true}. */
final class Cycle implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final UnixHttp http;
    private final String body;

    /** @param network by its name: {@code none}, {@code bridge} */
    Cycle(Engine engine, String network) throws IOException {
        this.body = "{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"HostConfig\":{\"NetworkMode\":\"" + network
                + "\",\"LogConfig\":{\"Type\":\"json-file\"}}}";
        this.http = UnixHttp.connect(engine.socket());
    }

    /** Runs it and gives its milliseconds. */
    double run() throws IOException {
        long begin = System.nanoTime();
        Response created =
                http.exchange(Request.post("/v1.41/containers/create", body)).expect(201);
        String path =
                "/v1.41/containers/" + JSON.readTree(created.body()).path("Id").asString();
        http.exchange(Request.post(path + "/start")).expect(204);
        Response ended = http.exchange(Request.post(path + "/wait")).expect(200);
        if (ended.json().path("StatusCode").asInt(-1) != 0) {
            throw new IOException("'true' ended with " + ended.text());
        }
        http.exchange(Request.delete(path)).expect(204);
        return (System.nanoTime() - begin) / 1e6;
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
