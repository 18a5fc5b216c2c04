package io.longshore.gateway.proxy;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;

/**
 * The rest of a request's body that nobody wants, because the request is refused. It is read all the same, up to a limit, once the
 * answer is on its way: Tomcat closes the connection of a refused request, and a client that is still writing then (Go's, in the docker
 * command) reports a broken pipe instead of reading why.
 */
final class UnreadBody {
    /** A build context or an image of usual size; a longer body is cut. Read at the speed of memory, into one buffer. */
    private static final long MOST = 512L << 20;

    private UnreadBody() {}

    /** Returns when the body, or the connection, has ended: the client may have sent nothing yet, and reads the answer first. */
    static void drain(HttpServletRequest request) {
        if (request.getContentLengthLong() == 0
                || (request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null)
                || request.getHeader("Expect") != null) {
            return;
        }
        try {
            InputStream body = request.getInputStream();
            byte[] buffer = new byte[16 * 1024];
            long left = MOST;
            for (int count = body.read(buffer); count >= 0 && left > 0; count = body.read(buffer)) {
                left -= count;
            }
        } catch (IOException | IllegalStateException e) {
            // It ended early, or has been read by somebody: nothing is left to read.
        }
    }
}
