package io.longshore.acceptance.clients.testcontainers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.testcontainers.containers.ContainerState;

/** What a web server in a container answers through its published port. */
final class Http {
    private static final int PATIENCE_MILLIS = 10_000;

    private Http() {}

    static String get(ContainerState container, int port, String path) throws IOException {
        return get(container.getHost(), container.getMappedPort(port), path);
    }

    /** The same of one that may not listen yet: who listens at its published port for it takes a connection and closes it. */
    static String until(String host, int port, String path) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (true) {
            try {
                String answer = get(host, port, path);
                if (!answer.isEmpty() || System.nanoTime() > end) {
                    return answer;
                }
            } catch (SocketException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
            LockSupport.parkNanos(100_000_000);
        }
    }

    /** The whole answer, head and body. */
    static String get(String host, int port, String path) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            String request = "GET " + path + " HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
