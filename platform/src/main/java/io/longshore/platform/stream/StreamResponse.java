package io.longshore.platform.stream;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.telemetry.Trace;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.coyote.CloseNowException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a request with a stream, on the connection itself: the head goes out at once, and, but for {@link #KEPT}, a client that goes away
 * is noticed at once.
 * Whatever can be refused is refused before; afterwards a failure can only cut the stream. Use it as the last statement of a controller's
 * method: the stream runs on the same thread when that has returned.
 *
 * <pre>{@code
 * StreamResponse.of(request, response).contentType("application/vnd.docker.raw-stream").duplex(client -> ...);
 * }</pre>
 */
public final class StreamResponse {
    /**
     * Request attribute of one whose client is to keep its connection: output goes by way of the server's response, on the spot and in
     * chunks. That the client went away shows at the next write only.
     */
    public static final String KEPT = StreamResponse.class.getName() + ".kept";

    private static final Logger LOG = LoggerFactory.getLogger(StreamResponse.class);

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final List<ResponseHead.Header> headers = new ArrayList<>();
    private @Nullable String contentType;
    private Runnable abandoned = () -> {};

    private StreamResponse(HttpServletRequest request, HttpServletResponse response) {
        this.request = request;
        this.response = response;
    }

    /** What serves a stream both ways. When it returns, our direction ends; when it throws, the stream is cut. */
    @FunctionalInterface
    public interface DuplexHandler {
        /** Serves until it returns. */
        void serve(Duplex client) throws IOException, InterruptedException;
    }

    /**
     * What serves a stream to the client. When it returns, the stream is whole; when it throws, it is cut. Its thread is interrupted when
     * the client goes away, with {@link #KEPT} when the part stops.
     */
    @FunctionalInterface
    public interface OutputHandler {
        /** Serves until it returns. Each write is on its way at once. */
        void serve(OutputStream output) throws IOException, InterruptedException;
    }

    /** The answer to a request. A body of the request must have been read. */
    public static StreamResponse of(HttpServletRequest request, HttpServletResponse response) {
        return new StreamResponse(request, response);
    }

    /** The answer's Content-Type, also with status 101. */
    public StreamResponse contentType(String type) {
        contentType = type;
        return this;
    }

    /** A header of the answer. */
    public StreamResponse header(String name, String value) {
        headers.add(new ResponseHead.Header(name, value));
        return this;
    }

    /** Runs instead of the handler when the client goes away before the stream begins: what the handler would have closed is closed here. */
    public StreamResponse abandoned(Runnable cleanup) {
        abandoned = cleanup;
        return this;
    }

    /**
     * Both ways: 101 when the client asks for an upgrade, of whatever name, else 200 and the raw connection (Engine API, ContainerAttach).
     * Another part that asks for our own upgrade gets the stream in chunks, so that it can tell an end from a cut.
     */
    public void duplex(DuplexHandler handler) throws IOException {
        String asked = request.getHeader("Upgrade");
        boolean framed = StreamClient.PROTOCOL.equals(asked);
        headers.forEach(header -> response.setHeader(header.name(), header.value()));
        if (asked == null) {
            head(200, "close", null);
        } else {
            response.setStatus(101);
            response.setHeader("Connection", "Upgrade");
            response.setHeader("Upgrade", framed ? asked : "tcp");
            if (contentType != null) {
                TakeOverValve.contentType(request, contentType);
            }
        }
        takeOver(wire -> serve(wire, framed ? WireDuplex.framed(wire) : WireDuplex.raw(wire), handler));
    }

    /**
     * Both ways in the messages of a web socket (RFC 6455). The request is one by {@link #webSocketKey}, which is asked before anything is
     * opened.
     */
    public void webSocket(DuplexHandler handler) throws IOException {
        String key = webSocketKey(request);
        headers.forEach(header -> response.setHeader(header.name(), header.value()));
        response.setStatus(101);
        response.setHeader("Connection", "Upgrade");
        response.setHeader("Upgrade", "websocket");
        response.setHeader("Sec-WebSocket-Accept", WebSocketDuplex.accept(key));
        takeOver(wire -> serve(wire, new WebSocketDuplex(wire), handler));
    }

    /** The key of a request for a web socket; {@link Failure.Invalid} when it is none. */
    public static String webSocketKey(HttpServletRequest request) {
        String key = request.getHeader("Sec-WebSocket-Key");
        if (key == null
                || !"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))
                || !"13".equals(request.getHeader("Sec-WebSocket-Version"))) {
            throw new Failure.Invalid("not a web socket: the request needs the headers Upgrade: websocket, Connection:"
                    + " Upgrade, Sec-WebSocket-Version: 13 and Sec-WebSocket-Key");
        }
        return key;
    }

    /** To the client only, status 200, in chunks. */
    public void output(OutputHandler handler) throws IOException {
        output(200, handler);
    }

    /** To the client only, in chunks. */
    public void output(int status, OutputHandler handler) throws IOException {
        if (request.getAttribute(KEPT) != null) {
            keep(status, handler);
            return;
        }
        boolean chunked = !request.getProtocol().equals("HTTP/1.0");
        headers.forEach(header -> response.setHeader(header.name(), header.value()));
        head(status, "close", chunked ? "chunked" : null);
        takeOver(wire -> serve(wire, chunked, handler));
    }

    private void keep(int status, OutputHandler handler) throws IOException {
        headers.forEach(header -> response.setHeader(header.name(), header.value()));
        head(status);
        boolean begun = false;
        try {
            response.flushBuffer();
            begun = true;
        } finally {
            if (!begun) {
                abandoned.run();
            }
        }
        LiveStreams live = LiveStreams.of(request.getServletContext());
        Runnable cut = Thread.currentThread()::interrupt;
        if (live != null) {
            live.add(cut);
        }
        try {
            handler.serve(new Flushed(response.getOutputStream()));
        } catch (InterruptedException e) {
            LOG.debug("stream cut: the part is stopping");
            throw new CloseNowException(e);
        } finally {
            if (live != null) {
                live.remove(cut);
            }
        }
    }

    /** Each write is on its way at once. */
    private static final class Flushed extends FilterOutputStream {
        Flushed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            out.flush();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            out.flush();
        }
    }

    private void head(int status) {
        response.setStatus(status);
        if (contentType != null) {
            response.setContentType(contentType);
        }
    }

    private void head(int status, String connection, @Nullable String coding) {
        head(status);
        response.setHeader("Connection", connection);
        if (coding != null) {
            response.setHeader("Transfer-Encoding", coding);
        }
    }

    private void takeOver(TakeOver.Stream stream) throws IOException {
        String trace = Trace.current(); // not of the request's headers, which may be a client's
        String name = request.getMethod() + " " + request.getRequestURI();
        LiveStreams live = LiveStreams.of(request.getServletContext());
        boolean begun = false;
        try {
            response.flushBuffer();
            TakeOver connection = request.upgrade(TakeOver.class);
            connection.stream(abandoned, wire -> {
                Trace.Scope scope = Trace.open(trace);
                try (scope) {
                    run(wire, name, live, stream);
                }
            });
            begun = true;
        } catch (ServletException e) {
            throw new IOException("the server cannot hand over the connection", e);
        } finally {
            if (!begun) {
                abandoned.run();
            }
        }
    }

    private static void run(Wire wire, String name, @Nullable LiveStreams live, TakeOver.Stream stream) {
        Runnable cut = wire::reset;
        if (live != null) {
            live.add(cut);
        }
        try {
            stream.run(wire);
        } catch (Failure e) {
            LOG.info("{}: stream cut: {}", name, e.text());
            wire.reset();
        } catch (RuntimeException e) {
            LOG.error("{}: stream cut", name, e);
            wire.reset();
        } finally {
            if (live != null) {
                live.remove(cut);
            }
        }
    }

    private static void serve(Wire wire, Duplex duplex, DuplexHandler handler) {
        try {
            handler.serve(duplex);
            duplex.shutdownOutput();
            wire.closeOrderly();
        } catch (IOException | InterruptedException e) {
            LOG.debug("stream cut: {}", e.toString());
            duplex.reset();
        }
    }

    private static void serve(Wire wire, boolean chunked, OutputHandler handler) {
        ClientWatch watch = ClientWatch.start(wire, Thread.currentThread());
        try {
            ChunkedOutput chunks = new ChunkedOutput(wire);
            handler.serve(chunked ? chunks : wire.rawOutput());
            if (chunked) {
                chunks.end();
            }
            wire.shutdownOutput();
            watch.awaitClient();
        } catch (IOException | InterruptedException e) {
            LOG.debug("stream cut: {}", e.toString());
            wire.reset();
        } finally {
            watch.end();
        }
    }
}
