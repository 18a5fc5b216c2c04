package io.longshore.testbed.engine;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for an engine to answer. */
final class Ready {
    private Ready() {}

    /** Until {@code GET /info} answers 200, and no node of a fleet is away. */
    static void await(Engine engine, ProcessHandle process, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        while (!answers(engine)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                String log = engine.log();
                String why = process.isAlive() ? "does not answer after " + atMost : "ended";
                engine.close();
                throw new IllegalStateException(engine.name() + " " + why + "; it wrote:\n" + log);
            }
            pause();
        }
    }

    /** Between two looks. */
    static void pause() {
        LockSupport.parkNanos(20_000_000);
    }

    private static boolean answers(Engine engine) {
        if (!Files.exists(engine.socket())) {
            return false;
        }
        try {
            Response info = UnixHttp.once(engine.socket(), Request.get("/info"));
            return info.status() == 200
                    && !info.json().path("Warnings").toString().contains("last heard");
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether someone listens on the socket. */
    static boolean connects(Path socket) {
        try {
            UnixHttp.connect(socket).close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
