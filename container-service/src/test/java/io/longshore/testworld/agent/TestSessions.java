package io.longshore.testworld.agent;

import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.agent.ObservedSession.Status;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Exec sessions in memory. Each says its arguments, on a line, and ends. */
@RestController
public class TestSessions {
    private static final long PATIENCE_SECONDS = 20;

    private final Map<ExecId, Session> all = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Failure> refusal = new AtomicReference<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private static final class Session {
        private final SessionSpec spec;
        private final CountDownLatch started = new CountDownLatch(1);
        private volatile Status status = Status.CREATED;

        private volatile @Nullable String size;

        Session(SessionSpec spec) {
            this.spec = spec;
        }

        ObservedSession observed() {
            boolean ran = status != Status.CREATED;
            Instant now = Instant.now();
            return new ObservedSession(
                    spec.id(),
                    spec.container(),
                    1,
                    status,
                    ran ? 77 : 0,
                    ran ? now : null,
                    status == Status.EXITED ? now : null,
                    0,
                    "");
        }
    }

    /** The next session cannot be made, for this reason. */
    public void refuseNext(Failure reason) {
        refusal.set(reason);
    }

    /** Sessions are not made before this is opened. */
    public CountDownLatch close() {
        gate = new CountDownLatch(1);
        return gate;
    }

    /** Height and width that a session's terminal was given; null when it was given none. */
    public @Nullable String size(ExecId id) {
        return require(id).size;
    }

    ObservedSession create(SessionSpec spec) {
        try {
            gate.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Failure reason = refusal.getAndSet(null);
        if (reason != null) {
            throw reason;
        }
        return all.computeIfAbsent(spec.id(), id -> new Session(spec)).observed();
    }

    ObservedSession start(ExecId id) {
        Session session = require(id);
        session.status = Status.RUNNING;
        session.started.countDown();
        return session.observed();
    }

    ObservedSession observe(ExecId id) {
        return require(id).observed();
    }

    void resize(ExecId id, int rows, int columns) {
        require(id).size = rows + " " + columns;
    }

    private Session require(ExecId id) {
        Session session = all.get(id);
        if (session == null) {
            throw new Failure.NotFound("No such exec instance: " + id);
        }
        return session;
    }

    @PostMapping("/agent/sessions/{id}/attach")
    void attach(@PathVariable ExecId id, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = require(id);
        StreamResponse.of(request, response).duplex(client -> {
            if (session.started.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                client.output().write(output(session.spec));
                session.status = Status.EXITED;
            }
        });
    }

    private static byte[] output(SessionSpec spec) {
        byte[] line = (String.join(" ", spec.arguments()) + "\n").getBytes(StandardCharsets.UTF_8);
        return spec.tty()
                ? line
                : ByteBuffer.allocate(8 + line.length)
                        .put(0, (byte) 1)
                        .putInt(4, line.length)
                        .put(8, line)
                        .array();
    }
}
