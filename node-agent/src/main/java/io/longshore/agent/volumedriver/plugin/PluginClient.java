package io.longshore.agent.volumedriver.plugin;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Calls one plugin: a JSON object over HTTP on its unix socket, answered by another (Docker, Plugins API). A call has a connection of its
 * own, so that none is left of a plugin that began anew. What it answers is bounded in size and in time, all of it together. Thread-safe.
 */
final class PluginClient {
    private static final String TYPE = "application/vnd.docker.plugins.v1.2+json";
    /** Some ten thousand volumes in a list. */
    private static final int LARGEST = 4 << 20;
    /** Calls of one plugin under way: one that hangs holds no more than so many connections. */
    private static final int AT_ONCE = 64;

    private static final Duration LATER = Duration.ofSeconds(5);

    private static final String ERROR = "Err";

    private final PluginName name;
    private final Supplier<Optional<Path>> socket;
    private final Connections connections;
    private final Semaphore places = new Semaphore(AT_ONCE);

    /** @param socket where it listens now; empty when there is no such plugin */
    PluginClient(PluginName name, Supplier<Optional<Path>> socket, Connections connections) {
        this.name = name;
        this.socket = socket;
        this.connections = connections;
    }

    /** The plugin did what it was asked for by saying no. */
    static final class Refused extends Failure.Internal {
        private Refused(String message) {
            super(message);
        }
    }

    /** The plugin was not reached: it has heard nothing of the call. */
    static final class Away extends Failure.Unavailable {
        private Away(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** There is no plugin of that name; it has heard nothing of the call. */
    static final class Missing extends Failure.NotFound {
        Missing(String name) {
            super("error looking up volume plugin " + name + ": plugin \"" + name + "\" not found");
        }
    }

    /**
     * {@code POST /<method>}.
     *
     * @param limit for all of it
     * @param reached is run when the plugin is connected to, and before it is told anything
     * @return its answer, in which {@code Err} is empty
     * @throws Missing there is no such plugin
     * @throws Away it does not listen
     * @throws Refused it said why not
     */
    JsonNode call(String method, Map<String, ?> body, Duration limit, Runnable reached) {
        Path at = socket.get().orElseThrow(() -> new Missing(name.value()));
        if (!places.tryAcquire()) {
            throw new Failure.Unavailable(
                    "volume plugin " + name + " has not answered " + AT_ONCE + " calls yet: try again later");
        }
        AtomicBoolean sent = new AtomicBoolean();
        FutureTask<Answer> task = new FutureTask<>(() -> send(at, method, body, limit, () -> {
            reached.run();
            sent.set(true);
        }));
        Thread.ofVirtual().name("plugin-" + name).start(() -> {
            try {
                task.run();
            } finally {
                places.release();
            }
        });
        return read(method, result(method, task, limit, sent, at));
    }

    private record Answer(int status, String body) {}

    private Answer result(String method, FutureTask<Answer> task, Duration limit, AtomicBoolean sent, Path at) {
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true); // The socket closes with the thread's interrupt.
            throw new Failure.DeadlineExceeded(
                    "volume plugin " + name + " did not answer " + method + " within " + limit.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("stopping: ask again in a moment", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof Failure failure) {
                throw failure;
            }
            if (!sent.get()) {
                throw new Away(
                        "volume plugin " + name + " does not listen at " + at + ": " + cause.getMessage(), cause);
            }
            throw new Failure.Internal(
                    "volume plugin " + name + " answered " + method + " badly: "
                            + PluginText.of(String.valueOf(cause.getMessage())),
                    cause);
        }
    }

    private Answer send(Path at, String method, Map<String, ?> body, Duration limit, Runnable reached)
            throws IOException {
        HttpPost request = new HttpPost("/" + method);
        request.setHeader("Accept", TYPE);
        request.setHeader("Connection", "close");
        request.setEntity(new HttpEntityWrapper(new ByteArrayEntity(Json.bytes(body), ContentType.parse(TYPE))) {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                reached.run();
                super.writeTo(out);
            }
        });
        // All of it ends at the limit, by who waits for it; of these waits none is to end at the same moment.
        Duration each = limit.plus(LATER);
        return connections.send(request, new Address.Unix(at), each, response -> bounded(request, response));
    }

    private Answer bounded(HttpPost request, ClassicHttpResponse response) throws IOException {
        HttpEntity entity = response.getEntity();
        if (entity == null) {
            return new Answer(response.getCode(), "");
        }
        try (InputStream content = entity.getContent()) {
            byte[] body = content.readNBytes(LARGEST + 1);
            if (body.length > LARGEST) {
                request.cancel(); // Else the rest is read to keep the connection.
                throw new Failure.TooLarge(
                        "volume plugin " + name + " answered with more than " + (LARGEST >> 20) + " MiB");
            }
            return new Answer(response.getCode(), new String(body, StandardCharsets.UTF_8));
        }
    }

    private JsonNode read(String method, Answer answer) {
        String text = PluginText.of(answer.body());
        JsonNode fields;
        try {
            fields = Json.mapper().readTree(answer.body());
        } catch (JacksonException e) {
            if (answer.status() != 200) {
                throw new Refused(method + ": " + text);
            }
            throw new Failure.Internal(
                    "volume plugin " + name + " answered " + method + " with what is no JSON: " + text, e);
        }
        String error = PluginText.of(fields.path(ERROR).asString(""));
        if (answer.status() != 200) {
            throw new Refused(method + ": " + (error.isEmpty() ? text : error));
        }
        if (!error.isEmpty()) {
            throw new Refused(error);
        }
        if (!fields.isObject()) {
            throw new Failure.Internal(
                    "volume plugin " + name + " answered " + method + " with what is no JSON object: " + text);
        }
        return fields;
    }
}
