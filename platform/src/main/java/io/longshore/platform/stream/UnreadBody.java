package io.longshore.platform.stream;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.catalina.connector.Response;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a request's body that nobody wants, because the request is refused. It is read all the same, up to a limit, once the
 * answer is on its way: Tomcat closes the connection of a refused request, and a client that is still writing then (Go's, in the docker
 * command) reports a broken pipe instead of reading why.
 */
public final class UnreadBody {
    /** A build context or an image of usual size; a longer body is cut. Read at the speed of memory, into one buffer. */
    private static final long MOST = 512L << 20;

    private UnreadBody() {}

    /**
     * Reads and drops what is left, after the whole answer has been flushed. Returns when the body, or the connection, has ended: the
     * client may have sent nothing yet, and reads the answer first. With {@code Expect: 100-continue} it sends nothing.
     */
    public static void drain(HttpServletRequest request) {
        Response own = TakeOverValve.response(request);
        if (own == null || request.getHeader("Expect") != null) {
            return;
        }
        // Below the servlet's stream, which Tomcat closes with the answer.
        org.apache.coyote.Request body = own.getCoyoteResponse().getRequest();
        Dropped dropped = new Dropped();
        try {
            long left = MOST;
            for (int count = body.doRead(dropped); count >= 0 && left > 0; count = body.doRead(dropped)) {
                left -= count;
            }
        } catch (IOException | IllegalStateException e) {
            // It ended early, or somebody else reads it.
        }
    }

    private static final class Dropped implements ApplicationBufferHandler {
        private @Nullable ByteBuffer buffer = ByteBuffer.allocate(0);

        @Override
        public void setByteBuffer(@Nullable ByteBuffer next) {
            buffer = next;
        }

        @Override
        public @Nullable ByteBuffer getByteBuffer() {
            return buffer;
        }

        @Override
        public void expand(int size) {
            // What is read stays in Tomcat's own buffers.
        }
    }
}
