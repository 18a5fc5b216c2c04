package io.longshore.standalone;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/** What whoever started Longshore sees. Thread-safe. */
final class Progress {
    private final PrintStream out;

    Progress(PrintStream out) {
        this.out = out;
    }

    /** One part answers. */
    void started(String part) {
        out.println("  started " + part);
    }

    /** It starts all the same. */
    void warning(String text) {
        out.println("  WARNING: " + text);
    }

    /** The agent of a node answers. The launcher script waits for the first of these lines. */
    void joined(String fleet, Path data, Path log, Duration after) {
        out.printf("""
                Longshore is ready (%.1f s)
                  fleet   %s
                  data    %s
                  log     %s
                  docker  speaks to the fleet, not to this node
                """, after.toMillis() / 1000.0, fleet, data, log);
        out.flush();
    }

    /** All parts answer. The launcher script waits for the first of these lines. */
    void ready(Path socket, Path data, Path log, Duration after) {
        out.printf("""
                Longshore is ready (%.1f s)
                  socket  %s
                  data    %s
                  log     %s
                  export DOCKER_HOST=unix://%s
                """, after.toMillis() / 1000.0, socket, data, log, socket);
        out.flush();
    }
}
