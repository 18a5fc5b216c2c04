package io.longshore.oci.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.longshore.contracts.id.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A registry on 127.0.0.1 that answers whatever it is told to, and remembers what it was asked. */
final class HostileRegistry implements AutoCloseable {
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private final HttpServer server;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** A request as it came. */
    record Asked(
            String line,
            @Nullable String authorization,
            @Nullable String range,
            String body) {}

    /** Answers a request. */
    interface Handler {
        void answer(HttpExchange exchange) throws IOException;
    }

    HostileRegistry() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
        on("GET /v2/", exchange -> send(exchange, 200, Map.of(), new byte[0]));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            asked.add(new Asked(
                    line,
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    exchange.getRequestHeaders().getFirst("Range"),
                    body));
            String path =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
            Handler handler = handlers.get(path);
            if (handler == null) {
                error(exchange, 404, "MANIFEST_UNKNOWN", "manifest unknown");
            } else {
                handler.answer(exchange);
            }
        }
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    int port() {
        return server.getAddress().getPort();
    }

    List<Asked> asked() {
        return asked;
    }

    void on(String line, Handler handler) {
        handlers.put(line, handler);
    }

    void manifest(String reference, String type, String json) {
        on(
                "GET /v2/app/manifests/" + reference,
                exchange -> send(exchange, 200, Map.of("Content-Type", type), json.getBytes(StandardCharsets.UTF_8)));
    }

    Digest blob(byte[] content) {
        Digest digest = Digest.of(content);
        on("GET /v2/app/blobs/" + digest, exchange -> send(exchange, 200, Map.of(), content));
        return digest;
    }

    static void send(HttpExchange exchange, int status, Map<String, String> headers, byte[] body) throws IOException {
        headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    static void error(HttpExchange exchange, int status, String code, String message) throws IOException {
        send(
                exchange,
                status,
                Map.of("Content-Type", "application/json"),
                ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
