package io.longshore.agent.health;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.ExecSessions;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.HealthCheck;
import io.longshore.contracts.agent.Health.Result;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One check: an exec session whose output is kept and whose time is limited. */
public final class HealthProbe {
    private static final Logger LOG = LoggerFactory.getLogger(HealthProbe.class);
    private static final int KEPT_BYTES = 4096;
    /** For the last output of a command that has ended. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private static final int NO_END = -1;

    private final ContainerSpec container;
    private final HealthCheck check;
    private final ExecSessions sessions;

    /** @param sessions of the driver that runs the container */
    public HealthProbe(ContainerSpec container, HealthCheck check, ExecSessions sessions) {
        this.container = container;
        this.check = check;
        this.sessions = sessions;
    }

    /**
     * Executes the command. Whatever happens is a result.
     *
     * @param stopped ends the command when it completes: then nobody wants to know any more, and the result says nothing. Not by an interrupt,
     *     which would keep from cleaning up
     */
    public Result run(CompletableFuture<Void> stopped) throws InterruptedException {
        Instant begun = Instant.now();
        ExecId id = ExecId.random();
        try {
            return run(id, begun, stopped);
        } catch (Failure | IOException e) {
            String reason = e instanceof Failure failure ? failure.text() : e.toString();
            return new Result(begun, Instant.now(), NO_END, reason);
        } finally {
            destroy(id);
        }
    }

    private Result run(ExecId id, Instant begun, CompletableFuture<Void> stopped)
            throws IOException, InterruptedException {
        CompletableFuture<@Nullable Exit> end = new CompletableFuture<>();
        var spec = new SessionSpec(id, container.id(), check.arguments(), List.of(), "", "", false, false, false);
        sessions.create(new SessionLaunch(container, spec), (same, exit) -> end.complete(exit));
        try (Duplex stream = sessions.attach(id, new AttachRequest(false, true, true))) {
            var output = new Output(stream);
            Thread reader = Thread.ofVirtual().name("health-output").start(output::read);
            sessions.start(id);
            CompletableFuture.anyOf(end, stopped).get(check.timeout().toNanos(), TimeUnit.NANOSECONDS);
            Exit exit = end.getNow(null);
            if (exit == null) {
                return new Result(begun, Instant.now(), NO_END, "the container has ended or was paused");
            }
            reader.join(LAST_WORDS);
            return new Result(begun, Instant.now(), exit.code(), output.text());
        } catch (TimeoutException e) {
            return new Result(
                    begun, Instant.now(), NO_END, "Health check exceeded timeout (" + text(check.timeout()) + ")");
        } catch (ExecutionException e) {
            throw new IllegalStateException("an end is completed by value only", e);
        }
    }

    private void destroy(ExecId id) {
        try {
            sessions.destroy(id);
        } catch (RuntimeException e) {
            LOG.warn("cannot clean up after a health check of container {}", container.id(), e);
        }
    }

    /** As Go prints it in this message: {@code 1.5s}. */
    private static String text(Duration duration) {
        double seconds = duration.toNanos() / 1e9;
        return seconds == Math.rint(seconds) ? (long) seconds + "s" : seconds + "s";
    }

    /** The first bytes of both streams, as they come. What is beyond is read, so that the command is not held up. */
    private static final class Output {
        private final DataInputStream frames;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean cut;

        Output(Duplex stream) {
            frames = new DataInputStream(stream.input());
        }

        void read() {
            try {
                while (true) {
                    frames.readInt(); // which stream
                    take(frames.readInt());
                }
            } catch (EOFException e) {
                LOG.trace("the output of a health check has ended", e);
            } catch (IOException e) {
                LOG.debug("the output of a health check is cut off", e);
            }
        }

        private void take(int size) throws IOException {
            byte[] chunk = new byte[1024];
            for (int left = size; left > 0; ) {
                int count = frames.read(chunk, 0, Math.min(left, chunk.length));
                if (count < 0) {
                    throw new EOFException();
                }
                left -= count;
                keep(chunk, count);
            }
        }

        private synchronized void keep(byte[] bytes, int count) {
            int room = KEPT_BYTES - kept.size();
            kept.write(bytes, 0, Math.min(room, count));
            cut = cut || count > room;
        }

        synchronized String text() {
            return kept.toString(StandardCharsets.UTF_8) + (cut ? "..." : "");
        }
    }
}
