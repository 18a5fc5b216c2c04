package io.longshore.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A client on the wire, so that tests see the very bytes. */
final class Client implements Closeable {
    private final SocketChannel channel;
    private final InputStream input;
    private final OutputStream output;

    Client(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        input = new BufferedInputStream(Channels.newInputStream(channel));
        output = Channels.newOutputStream(channel);
    }

    record Head(int status, Map<String, String> headers) {
        @Nullable
        String header(String name) {
            return headers.get(name);
        }
    }

    record Answer(Head head, String body) {}

    InputStream input() {
        return input;
    }

    OutputStream output() {
        return output;
    }

    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    void send(String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends request line and headers, divided by {@code |}. */
    Head ask(String request) throws IOException {
        send(request.replace("|", "\r\n") + "\r\nHost: docker\r\n\r\n");
        return head();
    }

    Head head() throws IOException {
        String[] start = line().split(" ", 3);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            headers.put(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).strip());
        }
        return new Head(Integer.parseInt(start[1]), headers);
    }

    Answer get(String request) throws IOException {
        Head head = ask(request);
        return new Answer(head, new String(body(head), StandardCharsets.UTF_8));
    }

    byte[] body(Head head) throws IOException {
        if (head.status() == 204 || head.status() == 304) {
            return new byte[0];
        }
        String length = head.header("Content-Length");
        if (length != null) {
            return input.readNBytes(Integer.parseInt(length));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
            all.writeBytes(chunk);
        }
        return all.toByteArray();
    }

    /** The next chunk; empty for the last. */
    byte[] chunk() throws IOException {
        int size = Integer.parseInt(line(), 16);
        byte[] chunk = input.readNBytes(size);
        if (chunk.length < size) {
            throw new EOFException("cut");
        }
        line();
        return chunk;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException("cut");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
