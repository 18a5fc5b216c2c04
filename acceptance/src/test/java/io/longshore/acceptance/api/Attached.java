package io.longshore.acceptance.api;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client attached to a container or an exec session: a connection taken over. Not thread-safe, but for its two directions. */
final class Attached implements Closeable {
    /** The stream of a frame by which the engine itself speaks. */
    static final int SYSTEM = 3;

    private final UnixHttp http;
    private final Response.Head head;
    private final DataInputStream in;

    /** What came in one frame. */
    record Frame(int stream, String text) {}

    private Attached(UnixHttp http, Response.Head head) {
        this.http = http;
        this.head = head;
        this.in = new DataInputStream(http.raw());
    }

    /** Attaches to a container; {@code query} as of {@code POST /containers/{id}/attach}. Each read may take {@code patience}. */
    static Attached to(Engine engine, String id, String query, Duration patience) throws IOException {
        return open(engine, Request.post("/containers/" + id + "/attach?" + query), patience);
    }

    /** Starts an exec session and attaches to it. */
    static Attached toSession(Engine engine, String session, boolean terminal, Duration patience) throws IOException {
        return open(
                engine,
                Request.post("/exec/" + session + "/start", "{\"Detach\":false,\"Tty\":" + terminal + "}"),
                patience);
    }

    private static Attached open(Engine engine, Request request, Duration patience) throws IOException {
        UnixHttp http = UnixHttp.connect(engine.socket(), patience);
        try {
            return new Attached(
                    http, http.open(request.with("Connection: Upgrade").with("Upgrade: tcp")));
        } catch (IOException e) {
            http.close();
            throw e;
        }
    }

    int status() {
        return head.status();
    }

    void send(String text) throws IOException {
        http.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Says nothing more, but listens. */
    void halfClose() throws IOException {
        http.halfClose();
    }

    /** The bytes as they come. */
    InputStream raw() {
        return in;
    }

    /** The next frame; null text never, an {@link EOFException} at the end of the stream. */
    Frame frame() throws IOException {
        byte[] start = in.readNBytes(8);
        if (start.length < 8) {
            throw new EOFException("the stream ended after " + start.length + " bytes of a frame's head");
        }
        int length =
                ((start[4] & 0xff) << 24) | ((start[5] & 0xff) << 16) | ((start[6] & 0xff) << 8) | (start[7] & 0xff);
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("the stream ended after " + payload.length + " of a frame's " + length + " bytes");
        }
        return new Frame(start[0], new String(payload, StandardCharsets.ISO_8859_1));
    }

    /** Reads raw bytes until they have the text, and gives all that came. */
    String until(String part) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (!all.toString(StandardCharsets.ISO_8859_1).contains(part)) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the stream ended before '" + part + "' came, after: " + all);
            }
            all.write(next);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
