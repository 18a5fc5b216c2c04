package io.longshore.gateway.route;

import io.longshore.platform.run.Part;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.web.util.UriUtils;

/** How an operation is served. */
public sealed interface Route {
    /** By the gateway's own controllers. */
    record Own() implements Route {}

    /**
     * By a service.
     *
     * @param part which
     * @param way how bytes travel
     * @param limit how long the work may take
     */
    record Service(Part part, Way way, Duration limit) implements Route {}

    /** Not at all, so far: the message says what works instead. */
    record Absent(String message) implements Route {}

    /** Part of the API, about something that nobody can have made yet: the message says what was not found, {@code %s} its name. */
    record Missing(String message) implements Route {
        Missing named(String name) {
            return new Missing(message.replace("%s", UriUtils.decode(name, StandardCharsets.UTF_8)));
        }
    }

    /** How the bytes of a proxied operation travel. */
    enum Way {
        /** A small request, an answer of any size. */
        PLAIN,
        /** A small request, an answer that lasts: the client's going away ends it. */
        STREAM,
        /** A short answer whose head comes at once and whose body comes late; the client keeps its connection. */
        LATE,
        /** A small request, then raw bytes both ways. */
        UPGRADE,
        /** The same in the messages of a web socket. */
        WEB_SOCKET,
        /** A request of any size, an answer that may come in pieces. */
        UPLOAD
    }
}
