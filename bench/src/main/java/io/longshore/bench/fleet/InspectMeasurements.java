package io.longshore.bench.fleet;

import io.longshore.bench.Samples;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.SeparateProcesses;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What the hops between processes add to an inspect: the same on one with all parts in a JVM, and on one with a JVM for each. */
final class InspectMeasurements {
    private static final int WARM = 3_000;
    private static final int ROUNDS = 5;
    private static final int ROUND = 400;

    private InspectMeasurements() {}

    static void run(Path directory, Figures figures) throws IOException {
        try (Standalone alone = Standalone.start(directory.resolve("alone"));
                SeparateProcesses separate = SeparateProcesses.start(
                        directory.resolve("processes"), List.of("-Xmx192m", "-XX:ReservedCodeCacheSize=96m"))) {
            String near = container(alone);
            String far = container(separate);
            inspect(alone, near, WARM);
            inspect(separate, far, WARM);
            Samples together = new Samples();
            Samples apart = new Samples();
            for (int round = 0; round < ROUNDS; round++) {
                together.addAll(inspect(alone, near, ROUND));
                apart.addAll(inspect(separate, far, ROUND));
            }
            figures.times("inspect, all parts in one JVM", together);
            figures.times("inspect, each part in a process of its own", apart);
            figures.target("what the hops add at the median", apart.median() - together.median(), "ms", false, 1);
            for (Longshore one : List.of(alone, separate)) {
                one.call(Request.delete("/containers/" + (one == alone ? near : far)))
                        .expect(204);
            }
        }
    }

    private static String container(Longshore engine) throws IOException {
        engine.call(Request.postTar("/images/load?quiet=1", Busybox.image().archive()))
                .expect(200);
        return engine.call(Request.post(
                        "/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"none\"}}"))
                .expect(201)
                .json()
                .path("Id")
                .asString();
    }

    private static Samples inspect(Longshore engine, String id, int count) throws IOException {
        return new Clients(engine.socket(), 1)
                .send(count, 200, n -> Request.get("/containers/" + id + "/json"))
                .each();
    }
}
