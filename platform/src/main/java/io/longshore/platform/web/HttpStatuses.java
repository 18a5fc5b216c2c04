package io.longshore.platform.web;

import io.longshore.contracts.error.ErrorKind;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one place that knows which HTTP status a kind of failure has. Between parts the kind itself travels in a header, so it
 * survives where a status is shared or comes from something else on the way.
 */
public final class HttpStatuses {
    /** Header with the name of the {@link ErrorKind}; the gateway does not pass it on to clients. */
    public static final String KIND_HEADER = "Longshore-Error-Kind";

    /** What is answered with {@link ErrorKind#NOT_FOUND} to a request that nothing is made for: Docker Engine's words. */
    public static final String NO_SUCH_PAGE = "page not found";

    private HttpStatuses() {}

    /** The status of a kind (Engine API; 413 and 504 where it has none). */
    public static int of(ErrorKind kind) {
        return switch (kind) {
            case NOT_MODIFIED -> 304;
            case INVALID -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case TOO_LARGE -> 413;
            case INTERNAL -> 500;
            case NOT_IMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
        };
    }

    /** Whether an answer with this status has a body (RFC 9110, 6.4.1). */
    public static boolean hasBody(int status) {
        return status >= 200 && status != 204 && status != 304;
    }

    /** The body of a failure's answer: {@code {"message": ...}} (Engine API, ErrorResponse). */
    public static byte[] body(String message) {
        return Json.bytes(Map.of("message", message));
    }

    /**
     * The failure that an answer reports.
     *
     * @param kind value of {@link #KIND_HEADER}, null when the answer did not come from a part of Longshore
     * @param body as received
     */
    public static Failure failure(int status, @Nullable String kind, byte[] body) {
        return kindOf(status, kind).failure(messageIn(body, status));
    }

    private static ErrorKind kindOf(int status, @Nullable String name) {
        for (ErrorKind kind : ErrorKind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        for (ErrorKind kind : ErrorKind.values()) {
            if (of(kind) == status) {
                return kind;
            }
        }
        return ErrorKind.INTERNAL;
    }

    private static String messageIn(byte[] body, int status) {
        try {
            String text = Json.mapper().readTree(body).path("message").asString("");
            if (!text.isEmpty()) {
                return text;
            }
        } catch (RuntimeException e) {
            // Not JSON: something else than Longshore answered, and its status is all there is to say.
        }
        return status == 304 ? "not modified" : "unexpected answer with status " + status;
    }
}
