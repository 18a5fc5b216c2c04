package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A container with exec sessions, attached and detached. Each writes a line of its own to the container's log, which shows that it ran, and
 * how often: one that was answered as started once, one that was under way once at most.
 */
final class ExecLife extends Life {
    private static final int MOST = 4;

    private enum Known {
        STARTING,
        STARTED,
        ENDED
    }

    /** One session; its code is its number, from 1. */
    private static final class Session {
        final String id;
        final int code;
        Known known = Known.STARTING;

        Session(String id, int code) {
            this.id = id;
            this.code = code;
        }

        String line() {
            return "session " + code;
        }
    }

    private final Path socket;
    private final List<Session> sessions = new ArrayList<>();
    private int count;
    private boolean started;

    ExecLife(Path socket) {
        this.socket = socket;
    }

    @Override
    String known() {
        return "with sessions"
                + sessions.stream()
                        .map(session -> " " + session.code + " " + session.known)
                        .toList();
    }

    @Override
    String body() {
        return body("", "", "sleep", "3600");
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        start(http);
        started = true;
        for (int i = random.nextInt(MOST); i >= 0; i--) {
            run(http, random.nextBoolean(), random.nextInt(400));
        }
    }

    private void run(UnixHttp http, boolean detached, int millis) throws IOException {
        int code = ++count;
        String script =
                "echo session " + code + " > /proc/1/fd/1; usleep " + millis * 1000 + "; echo over; exit " + code;
        Session session = new Session(session(http, script), code);
        sessions.add(session);
        if (detached) {
            http.exchange(Request.post("/exec/" + session.id + "/start", "{\"Detach\":true}"))
                    .expect(200);
            session.known = Known.STARTED;
            return;
        }
        try (UnixHttp own = UnixHttp.connect(socket, Duration.ofSeconds(30))) {
            if (!output(own, session.id).equals("over\n")) {
                throw new EOFException("the output of session " + session.id + " is cut off");
            }
        }
        // The end of the output does not come before that of the session is known.
        assertThat(http.exchange(Request.get("/exec/" + session.id + "/json"))
                        .expect(200)
                        .json()
                        .path("ExitCode")
                        .asInt())
                .isEqualTo(code);
        session.known = Known.ENDED;
    }

    @Override
    void check(Longshore longshore, String what) {
        if (!started) {
            return;
        }
        assertThat(status(inspect(longshore))).as(what).isEqualTo("running");
        sessions.forEach(session -> check(longshore, session, what));
        List<String> lines = logLines(longshore, id());
        for (Session session : sessions) {
            int least = session.known == Known.STARTING ? 0 : 1;
            assertThat(Collections.frequency(lines, session.line()))
                    .as("how often %s of %s ran", session.line(), what)
                    .isBetween(least, 1);
        }
        // Only the latest ones can be inspected: Longshore forgets ended sessions after ten minutes.
        sessions.removeIf(session -> session.known != Known.STARTED);
        answers(longshore, what);
    }

    private static void check(Engine engine, Session session, String what) {
        String name = session.line() + " (" + session.id + ") of " + what;
        long end = System.nanoTime() + SETTLE.toNanos();
        Response inspected = engine.call(Request.get("/exec/" + session.id + "/json"));
        while (inspected.status() == 200 && running(inspected) && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            inspected = engine.call(Request.get("/exec/" + session.id + "/json"));
        }
        assertThat(inspected.status()).as(name).isEqualTo(200);
        assertThat(running(inspected))
                .as("whether %s runs: %s", name, inspected.text())
                .isFalse();
        boolean never = inspected.json().path("ExitCode").isNull();
        if (session.known == Known.STARTING && never) {
            return;
        }
        assertThat(inspected.json().path("ExitCode").asInt(-1))
                .as("exit code of %s: %s", name, inspected.text())
                .isEqualTo(session.code);
        session.known = Known.ENDED;
    }

    private static boolean running(Response inspected) {
        return inspected.json().path("Running").asBoolean();
    }

    /** After the crash, too, a session runs and is told of. */
    private void answers(Longshore longshore, String what) {
        try (UnixHttp http = UnixHttp.connect(longshore.socket());
                UnixHttp own = UnixHttp.connect(longshore.socket())) {
            String session = session(http, "echo here; exit 3");
            assertThat(output(own, session))
                    .as("output of a session of %s", what)
                    .isEqualTo("here\n");
            assertThat(longshore
                            .call(Request.get("/exec/" + session + "/json"))
                            .json()
                            .path("ExitCode")
                            .asInt())
                    .as("exit code of a session of %s", what)
                    .isEqualTo(3);
        } catch (IOException e) {
            throw new UncheckedIOException(what, e);
        }
    }
}
