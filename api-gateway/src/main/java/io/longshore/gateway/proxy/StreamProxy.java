package io.longshore.gateway.proxy;

import io.longshore.contracts.stream.ByteStream;
import io.longshore.contracts.stream.Duplex;
import io.longshore.gateway.route.Services;
import io.longshore.platform.engine.StreamType;
import io.longshore.platform.stream.Relay;
import io.longshore.platform.stream.ResponseHead;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.stream.UnreadBody;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Passes on requests whose bytes keep flowing. The client's going away closes the connection to the service, and the other way round. */
@Component
final class StreamProxy {
    /** Longest body of a request before an upgrade, in bytes. */
    private static final int LONGEST_BODY = 64 * 1024;

    private final Services services;

    StreamProxy(Services services) {
        this.services = services;
    }

    /** An answer that lasts. */
    void stream(Knock knock) throws IOException {
        answer(knock, client(knock).fetch(knock.caller(), request(knock)));
    }

    /** A short answer that comes late. That the client went away shows at the next byte, so the service sends one now and then. */
    void late(Knock knock) throws IOException {
        plain(knock.response(), client(knock).fetch(knock.caller(), request(knock)));
    }

    /** Raw bytes both ways. */
    void upgrade(Knock knock) throws IOException {
        StreamClient.Answer answer =
                client(knock).upgrade(knock.caller(), request(knock).rawBody(body(knock)));
        Duplex far = answer.duplex();
        if (far == null) {
            answer(knock, answer);
            return;
        }
        StreamResponse response = head(StreamResponse.of(knock.request(), knock.response()), answer);
        if (knock.request().getHeader("Upgrade") == null) {
            // Only an upgrade tells of frames; the service cannot know, since between parts it always is one.
            response.contentType(StreamType.RAW);
        }
        response.abandoned(far::close).duplex(near -> Relay.join(near, far));
    }

    /** Raw bytes both ways, in messages towards the client. */
    void webSocket(Knock knock) throws IOException {
        // Before the service is asked, which tells of an attach and may make the container on its node.
        StreamResponse.webSocketKey(knock.request());
        StreamClient.Answer answer = client(knock).upgrade(knock.caller(), request(knock));
        Duplex far = answer.duplex();
        if (far == null) {
            answer(knock, answer);
            return;
        }
        StreamResponse.of(knock.request(), knock.response())
                .abandoned(far::close)
                .webSocket(near -> Relay.join(near, far));
    }

    /** A request of any size. One without a body, such as a pull, has an answer that lasts, and its client's going away ends it. */
    void upload(Knock knock) throws IOException {
        if (!hasBody(knock)) {
            stream(knock);
            return;
        }
        StreamClient.Answer answer = client(knock)
                .send(knock.caller(), request(knock), knock.request().getInputStream());
        plain(knock.response(), answer);
        // An answer before the end of the upload is a refusal, whatever its status.
        knock.response().flushBuffer();
        UnreadBody.drain(knock.request());
    }

    private static byte[] body(Knock knock) throws IOException {
        return hasBody(knock) ? knock.request().getInputStream().readNBytes(LONGEST_BODY) : new byte[0];
    }

    private static boolean hasBody(Knock knock) {
        return knock.request().getContentLengthLong() > 0 || knock.request().getHeader("Transfer-Encoding") != null;
    }

    private StreamClient client(Knock knock) {
        return services.streams(knock.route().part());
    }

    private static StreamRequest request(Knock knock) {
        return new StreamRequest(
                knock.request().getMethod(),
                knock.target(),
                Headers.forService(knock.request(), knock.version().toString()),
                null);
    }

    /** A short answer is passed on as such, so that the client keeps its connection; a lasting one takes the connection over. */
    private static void answer(Knock knock, StreamClient.Answer answer) throws IOException {
        if (answer.head().header("Content-Length") != null || answer.head().status() == 204) {
            plain(knock.response(), answer);
            return;
        }
        ByteStream stream = answer.stream();
        head(StreamResponse.of(knock.request(), knock.response()), answer)
                .abandoned(stream::close)
                .output(answer.head().status(), output -> {
                    try (stream) {
                        Relay.copy(stream.input(), output);
                    }
                });
    }

    private static void plain(HttpServletResponse response, StreamClient.Answer answer) throws IOException {
        ByteStream stream = answer.stream();
        try (stream) {
            response.setStatus(answer.head().status());
            for (ResponseHead.Header header : answer.head().headers()) {
                if (Headers.passes(header.name())) {
                    response.addHeader(header.name(), header.value());
                }
            }
            @Nullable String length = answer.head().header("Content-Length");
            if (length != null) {
                response.setContentLengthLong(Long.parseLong(length));
            }
            response.flushBuffer();
            Relay.copy(stream.input(), response.getOutputStream());
        }
    }

    private static StreamResponse head(StreamResponse response, StreamClient.Answer answer) {
        for (ResponseHead.Header header : answer.head().headers()) {
            if (header.name().equalsIgnoreCase("Content-Type")) {
                response.contentType(header.value());
            } else if (Headers.passes(header.name())) {
                response.header(header.name(), header.value());
            }
        }
        return response;
    }
}
