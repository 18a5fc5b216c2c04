package io.longshore.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A registry without an image that lets in one user, over plain HTTP: it breaks off at once when it is spoken to in TLS. */
final class PasswordRegistry implements AutoCloseable {
    static final String USER = "keeper";
    static final String PASSWORD = "Tr0ub4dor-and-3";

    private static final String AUTHORIZATION = "authorization: ";
    private static final String RIGHT =
            "Basic " + Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    private final ServerSocket server;
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private PasswordRegistry(ServerSocket server) {
        this.server = server;
    }

    static PasswordRegistry start() throws IOException {
        PasswordRegistry registry = new PasswordRegistry(new ServerSocket(0, 64, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(registry::accept);
        return registry;
    }

    private void accept() {
        while (true) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return; // Closed.
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            if (in.read() != 'G') {
                return;
            }
            String path = String.valueOf(in.readLine()).split(" ")[1];
            @Nullable String given = null;
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                if (line.toLowerCase(Locale.ROOT).startsWith(AUTHORIZATION)) {
                    given = line.substring(AUTHORIZATION.length());
                    heard.add(given);
                }
            }
            client.getOutputStream().write(answer(path, given).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The client is gone.
        }
    }

    private static String answer(String path, @Nullable String given) {
        if (!RIGHT.equals(given)) {
            return message("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"keepers\"", "UNAUTHORIZED");
        }
        return path.equals("/v2/") ? message("200 OK", "NONE") : message("404 Not Found", "MANIFEST_UNKNOWN");
    }

    private static String message(String head, String code) {
        String body = "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + code + "\"}]}";
        return "HTTP/1.1 " + head + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** As whom it was asked, each time that somebody said. */
    List<String> heard() {
        return heard;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
