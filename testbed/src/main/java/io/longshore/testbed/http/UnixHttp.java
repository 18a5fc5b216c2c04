package io.longshore.testbed.http;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection over a unix socket (RFC 9112), kept alive between requests. It follows no redirect, adds no header but
 * Host and Content-Length, and gives the raw stream to who asks for it, so that tests see what is on the wire. Not thread-safe,
 * but for the two directions of a raw stream. Each exchange, head and read of a body has a deadline, after which the connection is
 * closed and the read fails.
 */
public final class UnixHttp implements Closeable {
    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("http-deadline").factory());
    private static final int LONGEST_LINE = 64 * 1024;

    private final Path socket;
    private SocketChannel channel;
    private boolean over;
    private boolean alarmed;
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024).flip();
    private final Duration deadline;

    private UnixHttp(Path socket, SocketChannel channel, Duration deadline) {
        this.socket = socket;
        this.channel = channel;
        this.deadline = deadline;
    }

    /** Connects; each exchange, and each read of a stream, may take a minute. */
    public static UnixHttp connect(Path socket) throws IOException {
        return connect(socket, Duration.ofMinutes(1));
    }

    /** Connects; each exchange, and each read of a stream, may take {@code deadline}. */
    public static UnixHttp connect(Path socket, Duration deadline) throws IOException {
        return new UnixHttp(socket, channel(socket), deadline);
    }

    private static SocketChannel channel(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot connect to " + socket + ": " + e.getMessage(), e);
        }
    }

    /** One request on a connection of its own, the answer read to its end. */
    public static Response once(Path socket, Request request) throws IOException {
        try (UnixHttp http = connect(socket)) {
            return http.exchange(request);
        }
    }

    /** Sends the request and reads the whole answer; on a new connection if the last answer said that it was the last one. */
    public Response exchange(Request request) throws IOException {
        try (Alarm _ = new Alarm()) {
            if (over) {
                channel.close();
                channel = channel(socket);
            }
            write(request.bytes());
            Response.Head head = readHead();
            over = "close".equalsIgnoreCase(head.header("Connection"));
            byte[] body =
                    request.method().equals("HEAD") ? new byte[0] : body(head).readAllBytes();
            return new Response(head, body);
        } catch (IOException e) {
            throw new IOException(request.method() + " " + request.target() + ": " + e, e);
        }
    }

    /** Closes the connection when the deadline is over, unless it is closed before. An outer one covers those within it. */
    private final class Alarm implements AutoCloseable {
        private final @Nullable Future<?> ring;

        Alarm() {
            ring = alarmed ? null : WATCH.schedule(UnixHttp.this::abort, deadline.toMillis(), TimeUnit.MILLISECONDS);
            alarmed = true;
        }

        @Override
        public void close() {
            if (ring != null) {
                ring.cancel(false);
                alarmed = false;
            }
        }
    }

    /** Sends the request and reads the head only; the body comes from {@link #body} as it arrives. */
    public Response.Head open(Request request) throws IOException {
        try (Alarm _ = new Alarm()) {
            write(request.bytes());
            return readHead();
        } catch (IOException e) {
            throw new IOException(request.method() + " " + request.target() + ": " + e, e);
        }
    }

    /** Writes bytes as they are. */
    public void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Reads a response head. */
    public Response.Head readHead() throws IOException {
        try (Alarm _ = new Alarm()) {
            Response.Head head = new Response.Head(line());
            for (String line = line(); !line.isEmpty(); line = line()) {
                head.add(line);
            }
            return head;
        }
    }

    /** The body that follows the head just read: by length, in chunks, or to the end of the connection. */
    public InputStream body(Response.Head head) {
        if (head.status() == 204 || head.status() == 304 || (head.status() < 200 && head.status() != 101)) {
            return InputStream.nullInputStream();
        }
        if ("chunked".equalsIgnoreCase(head.header("Transfer-Encoding"))) {
            return new ChunkedInput(this);
        }
        String length = head.header("Content-Length");
        return length.isEmpty() || head.status() == 101 ? raw() : new FixedInput(this, Long.parseLong(length));
    }

    /** What comes on the connection, to its end. */
    public InputStream raw() {
        return new FixedInput(this, Long.MAX_VALUE);
    }

    /** Where raw bytes go; closing it closes the write side only. */
    public OutputStream rawOut() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                UnixHttp.this.write(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                UnixHttp.this.write(java.util.Arrays.copyOfRange(bytes, from, from + length));
            }

            @Override
            public void close() throws IOException {
                halfClose();
            }
        };
    }

    /** Ends the write side; reading goes on. */
    public void halfClose() throws IOException {
        channel.shutdownOutput();
    }

    /** At most {@code length} bytes into {@code into}; -1 at the end of the connection. */
    int read(byte[] into, int from, int length) throws IOException {
        if (!in.hasRemaining() && !fill()) {
            return -1;
        }
        int n = Math.min(length, in.remaining());
        in.get(into, from, n);
        return n;
    }

    /** A line without its CRLF. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!in.hasRemaining() && !fill()) {
                throw new EOFException("the connection ended after '" + line + "'");
            }
            char c = (char) (in.get() & 0xff);
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append(c);
            }
            if (line.length() > LONGEST_LINE) {
                throw new IOException("a header line of more than " + LONGEST_LINE + " bytes");
            }
        }
    }

    private boolean fill() throws IOException {
        int n;
        try (Alarm _ = new Alarm()) {
            n = channel.read(in.clear());
        }
        in.flip();
        return n > 0;
    }

    private void abort() {
        try {
            channel.close();
        } catch (IOException e) {
            // The exchange that waits on it fails with AsynchronousCloseException, which says enough.
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
