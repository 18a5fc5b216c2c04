package io.longshore.platform.client;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server with kept connections that ends as a killed process does: at once, with all of them. It answers its name. */
final class KillableServer implements AutoCloseable {
    private final Path socket;
    private final String answer;
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();
    private ServerSocketChannel server;
    private Thread accepting = Thread.currentThread();

    KillableServer(Path socket, String name) throws IOException {
        this.socket = socket;
        String json = '"' + name + '"';
        this.answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json;
        this.server = listen();
    }

    private ServerSocketChannel listen() throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(socket));
        accepting = Thread.ofVirtual().start(() -> accept(listening));
        return listening;
    }

    Address address() {
        return new Address.Unix(socket);
    }

    /** Of the requests that were answered or begun. */
    List<String> bodies() {
        return bodies;
    }

    private void accept(ServerSocketChannel listening) {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                if (!listening.isOpen()) {
                    // Who waits in accept takes one more that comes while the channel is closed under it.
                    client.close();
                    return;
                }
                clients.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // It was killed.
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(client));
            int length;
            while ((length = head(in)) >= 0) {
                bodies.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
                Thread.sleep(1);
                client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (IOException e) {
            // It was killed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The length of the body that follows; -1 at the end. */
    private static int head(InputStream in) throws IOException {
        int length = 0;
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next != '\n') {
                line.append((char) next);
                continue;
            }
            String text = line.toString().strip().toLowerCase(Locale.ROOT);
            line.setLength(0);
            if (text.isEmpty()) {
                return length;
            }
            if (text.startsWith("content-length:")) {
                length = Integer.parseInt(text.substring(15).strip());
            }
        }
        return -1;
    }

    void kill() throws IOException {
        server.close();
        try {
            accepting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SocketChannel client : clients) {
            client.close();
        }
        clients.clear();
    }

    void startAgain() throws IOException {
        server = listen();
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
