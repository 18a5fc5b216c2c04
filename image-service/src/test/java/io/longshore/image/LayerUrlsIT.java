package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A manifest may name other servers that have a layer ({@code urls}; OCI image spec, descriptor.md). It is data from outside: a pull asks the
 * registry alone, and none of them.
 */
class LayerUrlsIT {
    private static final String LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    @TempDir
    static Path directory;

    private static ImageWorld world;

    private final Map<String, byte[]> kept = new ConcurrentHashMap<>();
    private final List<String> elsewhereAsked = new CopyOnWriteArrayList<>();
    private Engine engine;
    private HttpServer registry;
    private HttpServer elsewhere;

    @BeforeAll
    static void start() throws InterruptedException {
        world = ImageWorld.start(directory);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void startServers() throws IOException {
        engine = world.engine(UUID.randomUUID().toString());
        registry = serve(this::send);
        elsewhere = serve(exchange -> {
            elsewhereAsked.add(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(404, -1);
        });
        kept.put("/v2/", "{}".getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void stopServers() {
        registry.stop(0);
        elsewhere.stop(0);
    }

    private interface Handler {
        void answer(HttpExchange exchange) throws IOException;
    }

    private static HttpServer serve(Handler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                handler.answer(exchange);
            }
        });
        server.start();
        return server;
    }

    private void send(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] content = kept.get(path);
        if (path.contains("/manifests/")) {
            exchange.getResponseHeaders().set("Content-Type", MANIFEST);
        }
        exchange.sendResponseHeaders(content == null ? 404 : 200, content == null ? -1 : content.length);
        if (content != null) {
            exchange.getResponseBody().write(content);
        }
    }

    private static String host(HttpServer server) {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private Map<String, Object> descriptor(String mediaType, byte[] content) {
        return Map.of(
                "mediaType",
                mediaType,
                "digest",
                Digest.of(content).value(),
                "size",
                content.length,
                "urls",
                List.of("http://" + host(elsewhere) + "/" + Digest.of(content)));
    }

    /** The registry has all of an image but its layer. */
    private void offer(TestImage image, byte[] blob) {
        byte[] configuration = image.configuration();
        Map<String, Object> manifest = Map.of(
                "schemaVersion",
                2,
                "config",
                descriptor("application/vnd.oci.image.config.v1+json", configuration),
                "layers",
                List.of(descriptor(LAYER, blob)));
        kept.put("/v2/app/blobs/" + image.id(), configuration);
        kept.put("/v2/app/manifests/v1", Json.mapper().writeValueAsBytes(manifest));
    }

    @Test
    void otherServersAreNotAsked() {
        byte[] layer = new TestLayer().file("of", "elsewhere").tar();
        byte[] blob = TestLayer.gzip(layer);
        TestImage image = new TestImage().layer(layer);
        offer(image, blob);
        String pull = "/images/create?fromImage=" + host(registry) + "/app&tag=v1";
        assertThat(engine.post(pull).is(200).lines().getLast().path("error").asString(""))
                .as("the registry has no such layer")
                .isNotEmpty();
        assertThat(world.held(engine, image)).isEmpty();
        kept.put("/v2/app/blobs/" + Digest.of(blob), blob);
        assertThat(engine.post(pull).is(200).body())
                .contains("Downloaded newer image")
                .doesNotContain("error");
        assertThat(world.held(engine, image)).hasSize(1);
        assertThat(elsewhereAsked).isEmpty();
    }
}
