package io.longshore.gateway.proxy;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.BodyLimit;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** The body of a small request; longer ones are a service's business only where it takes uploads. */
final class SmallBody {
    private SmallBody() {}

    /** All of it; {@code INVALID} when it ends early, {@code TOO_LARGE}. */
    static byte[] read(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > BodyLimit.BYTES) {
            throw BodyLimit.tooLarge();
        }
        if (request.getContentLengthLong() == 0
                || (request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null)) {
            return new byte[0];
        }
        try {
            byte[] body = request.getInputStream().readNBytes(BodyLimit.BYTES + 1);
            if (body.length > BodyLimit.BYTES) {
                throw BodyLimit.tooLarge();
            }
            return body;
        } catch (IOException e) {
            throw new Failure.Invalid("the request body ended early: " + e.getMessage(), e);
        }
    }
}
