package io.longshore.bench;

import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.Memory;
import io.longshore.testbed.engine.Supervisors;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Memory that a running container costs beside its own processes: the PSS of its shim or supervisor. */
final class Density {
    private static final String BODY =
            "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"600\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}";

    private Density() {}

    /** Starts so many containers that do nothing, and gives their paths. */
    static List<String> start(Engine engine, int count) throws IOException {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String path = "/containers/"
                    + engine.call(Request.post("/containers/create", BODY))
                            .expect(201)
                            .json()
                            .path("Id")
                            .asString();
            engine.call(Request.post(path + "/start")).expect(204);
            paths.add(path);
        }
        return paths;
    }

    static void remove(Engine engine, List<String> paths) throws IOException {
        for (String path : paths) {
            engine.call(Request.delete(path + "?force=1")).expect(204);
        }
    }

    /** Runs {@code count} containers and gives the bytes for each. */
    static double bytesEach(Engine engine, int count) throws IOException {
        List<String> paths = start(engine, count);
        List<Long> pids = pids(engine);
        // A shim of the round before may take a moment to go.
        for (int i = 0; i < 100 && pids.size() != count; i++) {
            LockSupport.parkNanos(100_000_000);
            pids = pids(engine);
        }
        if (pids.size() != count) {
            throw new IOException(
                    engine.name() + " runs " + count + " containers with " + pids.size() + " shims or supervisors");
        }
        double each = (double) Memory.pss(pids) / count;
        remove(engine, paths);
        return each;
    }

    private static List<Long> pids(Engine engine) {
        return switch (engine) {
            case DockerEngine docker -> docker.shims();
            case Longshore longshore ->
                Supervisors.of(longshore.cgroup()).stream()
                        .map(Supervisors.Supervisor::pid)
                        .toList();
            default ->
                throw new IllegalArgumentException("no way to tell what " + engine.name() + " keeps per container");
        };
    }
}
