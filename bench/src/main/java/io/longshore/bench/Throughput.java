package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.io.InputStream;

/** How quickly output comes to an attached client, which does nothing but read. */
final class Throughput {
    private Throughput() {}

    /** Megabytes (10^6 bytes) per second of {@code megabytes} MiB of zeros, from the first byte to the last, frames' heads included. */
    static double rate(Engine engine, String logDriver, int megabytes) throws IOException {
        String body = "{\"Image\":\"busybox\",\"Cmd\":[\"dd\",\"if=/dev/zero\",\"bs=64k\",\"count=" + megabytes * 16
                + "\"],\"HostConfig\":{\"NetworkMode\":\"none\",\"LogConfig\":{\"Type\":\"" + logDriver + "\"}}}";
        String path = "/v1.41/containers/"
                + engine.call(Request.post("/v1.41/containers/create", body))
                        .expect(201)
                        .json()
                        .path("Id")
                        .asString();
        try (UnixHttp http = UnixHttp.connect(engine.socket())) {
            http.open(Request.post(path + "/attach?stream=1&stdout=1")
                    .with("Connection: Upgrade")
                    .with("Upgrade: tcp"));
            engine.call(Request.post(path + "/start")).expect(204);
            return rate(http.raw(), (long) megabytes << 20);
        } finally {
            engine.call(Request.delete(path + "?force=1")).expect(204);
        }
    }

    private static double rate(InputStream in, long atLeast) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long sum = Math.max(0, in.read(buffer));
        long begin = System.nanoTime();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            sum += count;
        }
        if (sum < atLeast) {
            throw new IOException("an attached client got " + sum + " bytes of " + atLeast);
        }
        return sum / 1e6 / ((System.nanoTime() - begin) / 1e9);
    }
}
