package io.longshore.container.attach;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.engine.StreamType;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** POST /containers/{id}/attach: the agent's stream, both ways. */
@RestController
class AttachController {
    private final Attachments attachments;

    AttachController(Attachments attachments) {
        this.attachments = attachments;
    }

    /** The query of a request to attach. The keys to detach mean something with a terminal only. */
    record Query(
            @Nullable Boolean stdin,
            @Nullable Boolean stdout,
            @Nullable Boolean stderr,
            @Nullable Boolean stream,
            @Nullable Boolean logs,
            @Nullable String detachKeys) {
        Map<String, Object> forAgent() {
            Map<String, Object> query = new LinkedHashMap<>();
            query.put("stdin", flag(stdin));
            query.put("stdout", flag(stdout));
            query.put("stderr", flag(stderr));
            query.put("stream", flag(stream));
            query.put("logs", flag(logs));
            if (flag(stream) + flag(logs) == 0) {
                throw new Failure.Invalid("Bad parameters: you must choose at least one of stream and logs");
            }
            return query;
        }

        private static int flag(@Nullable Boolean value) {
            return Boolean.TRUE.equals(value) ? 1 : 0;
        }
    }

    @PostMapping("/containers/{id}/attach")
    void attach(
            Caller caller,
            @PathVariable String id,
            @ModelAttribute Query query,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        DetachKeys keys = DetachKeys.parse(query.detachKeys());
        Attachments.Opened opened = attachments.open(caller, id, query.forAgent());
        StreamResponse.of(request, response)
                .contentType(StreamType.of(opened.raw(), ApiVersion.parse(version)))
                .abandoned(opened.agent()::reset)
                .duplex(client -> attachments.relay(opened, client, keys));
    }

    /** GET /containers/{id}/attach/ws: the same without frames, since the gateway puts all into the messages of a web socket. */
    @GetMapping("/containers/{id}/attach/ws")
    void attachWebSocket(
            Caller caller,
            @PathVariable String id,
            @ModelAttribute Query query,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        DetachKeys keys = DetachKeys.parse(query.detachKeys());
        Attachments.Opened opened = attachments.open(caller, id, query.forAgent());
        StreamResponse.of(request, response)
                .contentType(StreamType.RAW)
                .abandoned(opened.agent()::reset)
                .duplex(client -> attachments.relay(opened, opened.raw() ? client : Framing.taken(client), keys));
    }

    /** POST /containers/{id}/resize. */
    @PostMapping("/containers/{id}/resize")
    void resize(Caller caller, @PathVariable String id, @RequestParam String h, @RequestParam String w) {
        attachments.resize(caller, id, TerminalSize.parse("h", h), TerminalSize.parse("w", w));
    }
}
