package io.longshore.container.exec;

import io.longshore.container.attach.DetachKeys;
import io.longshore.container.attach.Framing;
import io.longshore.container.attach.Passage;
import io.longshore.container.attach.TerminalSize;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.engine.StreamType;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The Engine API's exec operations. */
@RestController
class ExecController {
    private final Execs execs;

    ExecController(Execs execs) {
        this.execs = execs;
    }

    /** POST /containers/{id}/exec. */
    @PostMapping(path = "/containers/{id}/exec", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, String> create(
            Caller caller,
            @PathVariable String id,
            @RequestBody(required = false) byte @Nullable [] body,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version) {
        ExecId made =
                execs.create(caller, id, ExecBody.config(body == null ? new byte[0] : body, ApiVersion.parse(version)));
        return Map.of("Id", made.value());
    }

    /**
     * POST /exec/{id}/start: bytes both ways, or an answer at once when it is to be detached. As in Docker, whether output has frames is the
     * client's to say here, whatever the session has.
     */
    @PostMapping(path = "/exec/{id}/start")
    void start(
            Caller caller,
            @PathVariable String id,
            @RequestBody(required = false) byte @Nullable [] body,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        ApiVersion spoken = ApiVersion.parse(version);
        ExecBody.Start how = ExecBody.start(body == null ? new byte[0] : body, spoken);
        ExecRow row = execs.claim(caller, id);
        if (how.detach()) {
            startDetached(caller, row, how);
            response.setStatus(HttpStatus.OK.value());
            response.setContentLength(0);
            return;
        }
        Opened opened = open(caller, row);
        StreamResponse.of(request, response)
                .contentType(StreamType.of(how.tty(), spoken))
                .abandoned(opened.node::reset)
                .duplex(client -> serve(caller, row, how, opened, as(client, row.tty(), how.tty())));
    }

    /** The client's stream for output that is raw or not, of which it takes the other kind. */
    private static Duplex as(Duplex client, boolean raw, boolean wantsRaw) {
        if (raw == wantsRaw) {
            return client;
        }
        return raw ? Framing.added(client) : Framing.taken(client);
    }

    private void startDetached(Caller caller, ExecRow row, ExecBody.Start how) {
        execs.prepare(caller, row, false).close();
        ObservedSession seen = execs.start(caller, row, how.consoleSize());
        if (seen.startedAt() == null && !seen.error().isEmpty()) {
            throw new Failure.Invalid(seen.error());
        }
    }

    /** The way to the session, and why there is none. */
    private record Opened(Duplex node, @Nullable String refusal) {}

    /** As in Docker, what is wrong with the command is written to the client's terminal, and its exit code tells the rest. */
    private Opened open(Caller caller, ExecRow row) {
        try {
            return new Opened(execs.prepare(caller, row, true), null);
        } catch (Failure.Invalid e) {
            return new Opened(new NoStream(), e.text());
        }
    }

    private void serve(Caller caller, ExecRow row, ExecBody.Start how, Opened opened, Duplex client)
            throws IOException {
        try (Duplex node = opened.node) {
            String refusal = opened.refusal;
            boolean over = false;
            if (refusal == null) {
                ObservedSession seen = execs.start(caller, row, how.consoleSize());
                refusal = seen.startedAt() == null && !seen.error().isEmpty() ? seen.error() : null;
                over = seen.status() == ObservedSession.Status.EXITED;
            }
            if (refusal != null) {
                client.output().write(message(refusal, row.tty()));
                return;
            }
            DetachKeys keys = row.tty() ? DetachKeys.parse(row.config().detachKeys()) : null;
            if (new Passage(client, node, keys).run() == Passage.End.DETACHED) {
                execs.detached(row);
            } else if (!over) {
                execs.settle(row);
            }
        }
    }

    private static byte[] message(String text, boolean raw) {
        byte[] bytes = (text + "\r\n").getBytes(StandardCharsets.UTF_8);
        return raw ? bytes : Framing.frame(bytes, 0, bytes.length);
    }

    /** POST /exec/{id}/resize. */
    @PostMapping("/exec/{id}/resize")
    void resize(Caller caller, @PathVariable String id, @RequestParam String h, @RequestParam String w) {
        execs.resize(caller, id, TerminalSize.parse("h", h), TerminalSize.parse("w", w));
    }

    /** GET /exec/{id}/json. */
    @GetMapping("/exec/{id}/json")
    Map<String, @Nullable Object> inspect(Caller caller, @PathVariable String id) {
        return ExecInspection.of(execs.find(caller, id));
    }
}
