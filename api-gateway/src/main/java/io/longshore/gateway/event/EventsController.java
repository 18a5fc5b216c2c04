package io.longshore.gateway.event;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.Event;
import io.longshore.contracts.event.EventsApi;
import io.longshore.gateway.route.Services;
import io.longshore.platform.client.Parts;
import io.longshore.platform.engine.Timestamps;
import io.longshore.platform.run.Part;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /events}: every listener reads for itself, so a slow one delays nobody else; only the wait for news they share. */
@RestController
final class EventsController {
    private static final List<Part> TELLERS = List.of(Part.CONTAINER, Part.IMAGE, Part.VOLUME, Part.NETWORK);
    private static final String NOW = "now";
    private static final int RECORD_SEPARATOR = 0x1e;

    private final Map<Part, EventsApi> apis = new LinkedHashMap<>();
    /** By project; as many as there are projects that somebody ever listened to. */
    private final Map<String, List<EventWatch>> watches = new ConcurrentHashMap<>();

    private final EventListeners listeners;

    EventsController(Parts parts, Services services, EventListeners listeners) {
        TELLERS.forEach(part -> apis.put(part, parts.client(EventsApi.class, part.id(), services.address(part))));
        this.listeners = listeners;
    }

    @GetMapping("/events")
    void events(
            Caller caller,
            @RequestParam(defaultValue = "") String since,
            @RequestParam(defaultValue = "") String until,
            @RequestParam(required = false) @Nullable String filters,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        EventFilters wanted = EventFilters.parse(filters);
        News news = new News();
        EventMerge merge = merge(news, caller, since, until);
        String type = mediaType(request.getHeader("Accept"));
        List<EventWatch> watching = watches.computeIfAbsent(caller.project(), this::watches);
        Runnable leave = () -> watching.forEach(watch -> watch.leave(news));
        watching.forEach(watch -> watch.join(news));
        boolean begun = false;
        try {
            merge.begin();
            begun = true;
        } finally {
            if (!begun) {
                leave.run();
            }
        }
        StreamResponse.of(request, response).contentType(type).abandoned(leave).output(output -> {
            listeners.enter();
            try {
                write(merge, wanted, caller.project(), type.equals("application/json-seq"), output);
            } finally {
                listeners.leave();
                leave.run();
            }
        });
    }

    private List<EventWatch> watches(String project) {
        return apis.entrySet().stream()
                .map(entry -> new EventWatch(entry.getKey().id(), entry.getValue(), project))
                .toList();
    }

    private EventMerge merge(News news, Caller caller, String since, String until) {
        long end = until.isEmpty() ? Long.MAX_VALUE : moment("until", until);
        if (since.isEmpty()) {
            return new EventMerge(sources(Map.of(), until.isEmpty() ? NOW : null), news, caller, 0, end);
        }
        if (Position.isOne(since)) {
            Position position = Position.parse(since);
            return new EventMerge(sources(position.cursors(), null), news, caller, position.sinceNanos(), end);
        }
        long begin = moment("since", since);
        if (begin > end) {
            throw new Failure.Invalid("`since` time (" + since + ") cannot be after `until` time (" + until + ")");
        }
        return new EventMerge(sources(Map.of(), null), news, caller, begin, end);
    }

    private static long moment(String parameter, String text) {
        return Timestamps.nanos(Timestamps.parse("value for " + parameter, text, Instant.now()));
    }

    private List<EventSource> sources(Map<String, String> cursors, @Nullable String otherwise) {
        return apis.entrySet().stream()
                .map(entry -> new EventSource(
                        entry.getKey().id(),
                        entry.getValue(),
                        cursors.getOrDefault(entry.getKey().id(), otherwise)))
                .toList();
    }

    private static String mediaType(@Nullable String accept) {
        if (accept != null) {
            for (String type : List.of("application/jsonl", "application/x-ndjson", "application/json-seq")) {
                if (accept.contains(type)) {
                    return type;
                }
            }
        }
        return "application/json";
    }

    private static void write(
            EventMerge merge, EventFilters wanted, String project, boolean sequence, OutputStream output)
            throws IOException, InterruptedException {
        EventMerge.Merged merged = merge.next();
        while (merged != null) {
            Event event = merged.event();
            if (event.project().equals(project) && wanted.matches(event)) {
                ByteArrayOutputStream line = new ByteArrayOutputStream(512);
                if (sequence) {
                    line.write(RECORD_SEPARATOR);
                }
                line.writeBytes(Json.bytes(message(event, merged.position().text())));
                line.write('\n');
                output.write(line.toByteArray());
            }
            merged = merge.next();
        }
    }

    /** As Engine API, EventMessage, has it; with the fields of older versions, which clients of 1.51 still read, and our cursor. */
    private static Map<String, Object> message(Event event, String cursor) {
        Map<String, Object> message = new LinkedHashMap<>();
        if (event.type().equals("container") || event.type().equals("image")) {
            message.put("status", event.action());
            message.put("id", event.actorId());
            if (event.type().equals("container") && event.attributes().containsKey("image")) {
                message.put("from", event.attributes().get("image"));
            }
        }
        message.put("Type", event.type());
        message.put("Action", event.action());
        message.put("Actor", Map.of("ID", event.actorId(), "Attributes", event.attributes()));
        message.put("scope", "local");
        message.put("time", Math.floorDiv(event.timeNanos(), 1_000_000_000L));
        message.put("timeNano", event.timeNanos());
        message.put("cursor", cursor);
        return message;
    }
}
