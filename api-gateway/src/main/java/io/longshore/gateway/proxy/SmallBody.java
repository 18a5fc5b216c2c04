package io.longshore.gateway.proxy;

import io.longshore.contracts.error.Failure;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** The body of a small request. */
final class SmallBody {
    /** In bytes; longer ones are a service's business only where it takes uploads. */
    private static final int LONGEST = 4 * 1024 * 1024;

    private SmallBody() {}

    /** All of it; {@code INVALID} when it ends early, {@code TOO_LARGE}. */
    static byte[] read(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > LONGEST) {
            throw tooLarge();
        }
        if (request.getContentLengthLong() == 0
                || (request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null)) {
            return new byte[0];
        }
        try {
            byte[] body = request.getInputStream().readNBytes(LONGEST + 1);
            if (body.length > LONGEST) {
                throw tooLarge();
            }
            return body;
        } catch (IOException e) {
            throw new Failure.Invalid("the request body ended early: " + e.getMessage(), e);
        }
    }

    private static Failure.TooLarge tooLarge() {
        return new Failure.TooLarge("request body too large: more than " + LONGEST + " bytes");
    }
}
