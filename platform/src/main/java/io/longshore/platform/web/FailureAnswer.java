package io.longshore.platform.web;

import io.longshore.contracts.error.ErrorKind;
import io.longshore.contracts.error.Failure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a {@link Failure} as an HTTP answer. */
public final class FailureAnswer {
    /** Request attribute of a request that came from a client, not from another part: its answer does not tell the kind in a header. */
    public static final String FROM_CLIENT = FailureAnswer.class.getName() + ".client";

    private static final Logger LOG = LoggerFactory.getLogger(FailureAnswer.class);

    private FailureAnswer() {}

    /** Writes it; the answer must not have begun. One log line for what somebody has to look at. */
    public static void write(Failure failure, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (failure.kind() == ErrorKind.INTERNAL) {
            LOG.error("{} {}: {}", request.getMethod(), request.getRequestURI(), failure.text(), failure.getCause());
        } else if (failure.kind() == ErrorKind.UNAVAILABLE || failure.kind() == ErrorKind.DEADLINE_EXCEEDED) {
            LOG.warn("{} {}: {}{}", request.getMethod(), request.getRequestURI(), failure.text(), reason(failure));
        }
        response.resetBuffer();
        int status = HttpStatuses.of(failure.kind());
        response.setStatus(status);
        if (request.getAttribute(FROM_CLIENT) == null) {
            response.setHeader(HttpStatuses.KIND_HEADER, failure.kind().name());
        }
        if (HttpStatuses.hasBody(status)) {
            byte[] body = HttpStatuses.body(failure.text());
            response.setContentType("application/json");
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        }
    }

    /** In a line, since it is the machine's trouble and comes with each request while it lasts. */
    private static String reason(Failure failure) {
        Throwable at = failure.getCause();
        if (at == null) {
            return "";
        }
        for (Throwable next = at.getCause(); next != null; next = next.getCause()) {
            at = next;
        }
        return " (" + at + ")";
    }
}
