package io.longshore.container.logs;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
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
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** GET /containers/{id}/logs: the agent's stream, passed on. */
@RestController
class LogsController {
    private final Logs logs;

    LogsController(Logs logs) {
        this.logs = logs;
    }

    /** The query of a request for logs. */
    record Query(
            @Nullable Boolean follow,
            @Nullable Boolean stdout,
            @Nullable Boolean stderr,
            @Nullable Boolean timestamps,
            @Nullable Boolean details,
            @Nullable String since,
            @Nullable String until,
            @Nullable String tail) {
        Map<String, Object> forAgent() {
            if (!Boolean.TRUE.equals(stdout) && !Boolean.TRUE.equals(stderr)) {
                throw new Failure.Invalid("Bad parameters: you must choose at least one stream");
            }
            Map<String, Object> query = new LinkedHashMap<>();
            query.put("follow", flag(follow));
            query.put("stdout", flag(stdout));
            query.put("stderr", flag(stderr));
            query.put("timestamps", flag(timestamps));
            query.put("details", flag(details));
            putTime(query, "since", since);
            putTime(query, "until", until);
            query.put("tail", tail == null || !tail.matches("[0-9]{1,9}") ? "all" : tail);
            return query;
        }

        private static void putTime(Map<String, Object> query, String name, @Nullable String value) {
            if (value != null && !value.isEmpty() && !value.equals("0")) {
                if (!value.matches("[0-9]{1,12}(\\.[0-9]{1,9})?")) {
                    throw new Failure.Invalid("invalid value for \"" + name + "\": failed to parse value as time or"
                            + " duration: \"" + value + "\"");
                }
                query.put(name, value);
            }
        }

        private static int flag(@Nullable Boolean value) {
            return Boolean.TRUE.equals(value) ? 1 : 0;
        }
    }

    @GetMapping("/containers/{id}/logs")
    void logs(
            Caller caller,
            @PathVariable String id,
            @ModelAttribute Query query,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Logs.Opened opened = logs.open(caller, id, query.forAgent());
        ByteStream stream = opened.stream();
        boolean handedOver = false;
        try {
            StreamResponse.of(request, response)
                    .contentType(StreamType.of(opened.raw(), ApiVersion.parse(version)))
                    .abandoned(stream::close)
                    .output(output -> {
                        try (stream) {
                            stream.input().transferTo(output);
                        }
                    });
            handedOver = true;
        } finally {
            if (!handedOver) {
                stream.close();
            }
        }
    }
}
