package io.longshore.platform.stream;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.NotReached;
import io.longshore.platform.client.OpenTransaction;
import io.longshore.platform.client.Peer;
import io.longshore.platform.client.Replicas;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.web.CallerHeaders;
import io.longshore.platform.web.HttpStatuses;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * Opens streams to one part, each on a connection of its own. The answer's head must come within the caller's deadline, and within
 * {@value #HEAD_SECONDS} s where nothing is uploaded; after it a stream may last as long as it likes. An answer that is no success comes
 * back as its {@link Failure}. Thread-safe.
 */
public final class StreamClient {
    /** Name of the upgrade (RFC 9110, 7.8) to a {@link Duplex} in chunks. */
    static final String PROTOCOL = "longshore-duplex";
    /** Longest wait for the head of an answer, in seconds: parts send it before they begin to work. */
    static final int HEAD_SECONDS = 60;
    /** Longest answer of a failure, in bytes. */
    private static final int LONGEST_FAILURE = 4 * 1024 * 1024;

    private final Supplier<Peer> peer;
    private final MutualTls tls;

    /**
     * A client.
     *
     * @param part the part's name, for messages
     * @param address asked at each stream
     * @param tls who we are to parts on other machines
     */
    public StreamClient(String part, Supplier<Address> address, MutualTls tls) {
        this(() -> new Peer(part, Replicas.of(address.get())), tls);
    }

    /** A client of a part that may have several replicas: a stream is opened to one that is reached, and stays there. */
    public StreamClient(String part, Replicas replicas, MutualTls tls) {
        Peer of = new Peer(part, replicas);
        this(() -> of, tls);
    }

    private StreamClient(Supplier<Peer> peer, MutualTls tls) {
        this.peer = peer;
        this.tls = tls;
    }

    /** A client of the agent of a node, which is asked for at each stream. */
    public static StreamClient agent(Supplier<Node> node, MutualTls tls) {
        return new StreamClient(() -> Peer.agent(node.get()), tls);
    }

    /**
     * An answer that is a success.
     *
     * @param head what was said of the stream
     * @param stream the body
     * @param duplex the connection, when the part upgraded it; {@code stream} is the same then
     */
    public record Answer(
            ResponseHead head, ByteStream stream, @Nullable Duplex duplex) {}

    /** A stream both ways. */
    public Duplex duplex(Caller caller, StreamRequest request) {
        Peer called = called(request);
        Answer answer = upgrade(called, caller, request);
        if (answer.duplex == null) {
            answer.stream.close();
            throw new Failure.Internal(
                    called.name() + " answered " + request.target() + " without the upgrade to a stream both ways");
        }
        return answer.duplex;
    }

    /** Asks for a stream both ways and gives what came: the part may also answer without one. */
    public Answer upgrade(Caller caller, StreamRequest request) {
        return upgrade(called(request), caller, request);
    }

    private Answer upgrade(Peer called, Caller caller, StreamRequest request) {
        return open(called, caller, request, "Connection: Upgrade\r\nUpgrade: " + PROTOCOL + "\r\n", null);
    }

    /** A stream from the part to us. */
    public ByteStream download(Caller caller, StreamRequest request) {
        return fetch(caller, request).stream();
    }

    /** A stream from the part to us with the head of its answer. */
    public Answer fetch(Caller caller, StreamRequest request) {
        return open(called(request), caller, request, "Connection: close\r\n", null);
    }

    /**
     * Sends a stream, read on this thread and not closed, and gives the answer. When the part answers before the end, the rest is not
     * sent. {@code INVALID} when the source fails: the part then sees a cut stream, never a short one.
     */
    public Answer send(Caller caller, StreamRequest request, InputStream body) {
        return send(called(request), caller, request, body);
    }

    private Answer send(Peer called, Caller caller, StreamRequest request, InputStream body) {
        return open(called, caller, request, "Connection: close\r\nTransfer-Encoding: chunked\r\n", body);
    }

    /**
     * As {@link #send}, with an answer read as JSON.
     *
     * @param longest most bytes of the answer; {@code INTERNAL} when it is longer, or no JSON of this type
     */
    public <T> T upload(Caller caller, StreamRequest request, InputStream body, TypeReference<T> type, int longest) {
        Peer called = called(request);
        Answer answer = send(called, caller, request, body);
        try (ByteStream stream = answer.stream) {
            byte[] json = stream.input().readNBytes(longest + 1);
            if (json.length > longest) {
                throw new Failure.Internal(
                        called.name() + " answered " + request.target() + " with more than " + longest + " bytes");
            }
            return Json.mapper().readValue(json, type);
        } catch (JacksonException e) {
            throw new Failure.Internal(
                    called.name() + " answered " + request.target() + " with what is not understood: "
                            + e.getOriginalMessage(),
                    e);
        } catch (IOException e) {
            throw unavailable(called, request, e);
        }
    }

    /** Asked once for a stream: it is the one that errors are of. */
    private Peer called(StreamRequest request) {
        OpenTransaction.refuse(request.method() + " " + request.target());
        return peer.get();
    }

    private Answer open(
            Peer called, Caller caller, StreamRequest request, String extraHead, @Nullable InputStream upload) {
        Wire wire = connect(called, caller, request);
        long left = caller.remaining().toMillis();
        long limit = upload == null ? Math.min(left, HEAD_SECONDS * 1000L) : left;
        ScheduledFuture<?> clock = wire.closeAfter(Math.max(1, limit));
        boolean kept = false;
        try {
            sendHead(wire, caller, request, extraHead, upload != null);
            ResponseHead head = upload == null ? ResponseHead.read(wire) : exchange(wire, upload);
            Answer answer = answer(called, request, wire, head);
            kept = clock.cancel(false);
            return answer;
        } catch (IOException e) {
            if (clock.isDone() && !clock.isCancelled()) {
                throw new Failure.DeadlineExceeded(
                        "deadline exceeded: " + called.name() + " at " + called.replicas() + " did not answer "
                                + request.target() + " in time",
                        e);
            }
            throw unavailable(called, request, e);
        } finally {
            clock.cancel(false);
            if (!kept) {
                wire.close();
            }
        }
    }

    /** The answer, or the failure that it reports. */
    private static Answer answer(Peer called, StreamRequest request, Wire wire, ResponseHead head) throws IOException {
        int status = head.status();
        if (status == 101 && PROTOCOL.equals(head.header("Upgrade"))) {
            Duplex duplex = WireDuplex.framed(wire);
            return new Answer(head, duplex, duplex);
        }
        InputStream body = body(wire, head);
        if (status < 200 || status > 299) {
            Failure failure = HttpStatuses.failure(
                    status, head.header(HttpStatuses.KIND_HEADER), body.readNBytes(LONGEST_FAILURE));
            throw called.answered(failure, request.method() + " " + request.target());
        }
        return new Answer(head, new WireInput(wire, body), null);
    }

    private static InputStream body(Wire wire, ResponseHead head) throws IOException {
        if (!HttpStatuses.hasBody(head.status())) {
            return InputStream.nullInputStream();
        }
        if (head.chunked()) {
            return new ChunkedInput(wire);
        }
        String length = head.header("Content-Length");
        try {
            return length == null ? wire.rawInput() : new SizedInput(wire, Long.parseLong(length));
        } catch (NumberFormatException e) {
            throw new IOException("malformed Content-Length in an answer: " + length, e);
        }
    }

    /** Sends the body while another thread listens for the answer, which may come before the end. */
    private static ResponseHead exchange(Wire wire, InputStream upload) throws IOException {
        CompletableFuture<ResponseHead> head = new CompletableFuture<>();
        Thread.ofVirtual().name("upload-answer").start(() -> {
            try {
                head.complete(ResponseHead.read(wire));
            } catch (IOException | RuntimeException e) {
                head.completeExceptionally(e);
            }
        });
        ChunkedOutput output = new ChunkedOutput(wire);
        byte[] buffer = new byte[64 * 1024];
        while (!head.isDone()) {
            int count;
            try {
                count = upload.read(buffer);
            } catch (IOException e) {
                wire.reset();
                throw new Failure.Invalid("the stream to send ended early: " + e.getMessage(), e);
            }
            try {
                if (count < 0) {
                    output.end();
                    break;
                }
                output.write(buffer, 0, count);
            } catch (IOException e) {
                break; // The part has answered already or is gone: its answer says which.
            }
        }
        try {
            return head.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private Wire connect(Peer called, Caller caller, StreamRequest request) {
        try {
            return called.replicas().call((target, most) -> {
                Duration left = caller.remaining();
                try {
                    return connect(target, left.compareTo(most) < 0 ? left : most);
                } catch (IOException e) {
                    throw NotReached.because(e);
                }
            });
        } catch (IOException e) {
            throw unavailable(called, request, e);
        }
    }

    private Wire connect(Address target, Duration limit) throws IOException {
        SocketChannel channel =
                target instanceof Address.Unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        Wire wire = null;
        try {
            wire = connect(channel, target, (int) Math.max(1, limit.toMillis()));
            return wire;
        } finally {
            if (wire == null) {
                channel.close();
            }
        }
    }

    /** @param limit in milliseconds, for a connection, and once more for proving who both are */
    private Wire connect(SocketChannel channel, Address target, int limit) throws IOException {
        if (target instanceof Address.Unix) {
            channel.connect(target.socketAddress());
            return new Wire(channel, ByteBuffer.allocate(0));
        }
        // A machine that is away says nothing.
        channel.socket().connect(target.socketAddress(), limit);
        if (!(target instanceof Address.Tls secure)) {
            return new Wire(channel, ByteBuffer.allocate(0));
        }
        ScheduledFuture<?> clock = new Wire(channel, ByteBuffer.allocate(0)).closeAfter(limit);
        try {
            SSLSocket socket = tls.connect(channel.socket(), secure.host(), secure.port(), secure.expected());
            return new Wire(channel, new TlsClientCarrier(channel, socket), ByteBuffer.allocate(0));
        } finally {
            clock.cancel(false);
        }
    }

    private static void sendHead(Wire wire, Caller caller, StreamRequest request, String extraHead, boolean upload)
            throws IOException {
        ByteBuffer body = switch (request.json()) {
            case null -> ByteBuffer.allocate(0);
            case ByteBuffer raw -> raw.duplicate();
            case Object value -> ByteBuffer.wrap(Json.bytes(value));
        };
        StringBuilder head = new StringBuilder(512)
                .append(request.method())
                .append(' ')
                .append(request.target())
                .append(" HTTP/1.1\r\nHost: longshore\r\n")
                .append(extraHead);
        if (!upload) {
            head.append("Content-Length: ").append(body.remaining()).append("\r\n");
        }
        if (body.hasRemaining() && !(request.json() instanceof ByteBuffer)) {
            head.append("Content-Type: application/json\r\n");
        }
        CallerHeaders.write(caller, (name, value) -> append(head, name, value));
        request.headers().forEach(header -> append(head, header.name(), header.value()));
        byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        wire.write(ByteBuffer.wrap(bytes), body);
    }

    private static void append(StringBuilder head, String name, String value) {
        if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
            throw new Failure.Invalid("header " + name + " has a line break in its value");
        }
        head.append(name).append(": ").append(value).append("\r\n");
    }

    private static Failure.Unavailable unavailable(Peer called, StreamRequest request, IOException e) {
        return new Failure.Unavailable(
                called.name() + " at " + called.replicas() + " does not answer " + request.method() + " "
                        + request.target() + ": " + e.getMessage(),
                e);
    }
}
