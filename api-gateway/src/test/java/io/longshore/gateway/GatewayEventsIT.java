package io.longshore.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import io.longshore.upstream.InternalController;
import io.longshore.upstream.UpstreamApplication;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GatewayEventsIT {
    @TempDir
    Path directory;

    private final Map<String, RunningService> upstreams = new HashMap<>();
    private RunningService gateway;

    @BeforeEach
    void start() {
        Map<String, String> settings = new HashMap<>();
        settings.put("run.directory", directory + "/gateway");
        settings.put("gateway.socket-group", "");
        settings.put("run.stop-within", "100ms");
        for (String part : new String[] {"container", "image", "quiet"}) {
            upstreams.put(
                    part,
                    ServiceRunner.start(
                            UpstreamApplication.class,
                            Settings.of(Map.of("run.directory", directory + "/" + part, "run.stop-within", "100ms"))));
        }
        for (String part : new String[] {"access", "fleet", "volume", "network"}) {
            settings.put("services." + part, "unix:" + upstream("quiet").socket());
        }
        settings.put("services.container", "unix:" + upstream("container").socket());
        settings.put("services.image", "unix:" + upstream("image").socket());
        gateway = ServiceRunner.start(GatewayApplication.class, Settings.of(settings));
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstreams.values().forEach(RunningService::close);
    }

    private RunningService upstream(String part) {
        return Objects.requireNonNull(upstreams.get(part), part);
    }

    private InternalController of(String part) {
        return upstream(part).context().getBean(InternalController.class);
    }

    private static JsonNode next(Client client) throws IOException {
        return Json.mapper().readTree(client.chunk());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void eventsOfAllServicesComeInOrderAndAtOnce() throws IOException {
        try (Client client = new Client(gateway.socket())) {
            assertThat(client.ask("GET /v1.43/events HTTP/1.1").header("Content-Type"))
                    .isEqualTo("application/json");
            of("image").tell("image", "load", "sha256:1", Map.of("name", "busybox:latest"));
            of("container").tell("container", "create", "c1", Map.of("image", "busybox:latest", "name", "web"));
            of("image").tell("image", "tag", "sha256:1", Map.of());
            long began = System.nanoTime();
            JsonNode load = next(client);
            assertThat(load.path("Type").asString()).isEqualTo("image");
            assertThat(load.path("status").asString()).isEqualTo("load");
            JsonNode create = next(client);
            assertThat(create.path("Action").asString()).isEqualTo("create");
            assertThat(create.path("Actor").path("Attributes").path("name").asString())
                    .isEqualTo("web");
            assertThat(create.path("from").asString()).isEqualTo("busybox:latest");
            assertThat(create.path("scope").asString()).isEqualTo("local");
            assertThat(create.path("timeNano").asLong() / 1_000_000_000L)
                    .isEqualTo(create.path("time").asLong());
            assertThat(next(client).path("Action").asString()).isEqualTo("tag");
            assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(3_000);
        }
    }

    @Test
    void readingGoesOnAfterACursor() throws IOException {
        String cursor;
        try (Client client = new Client(gateway.socket())) {
            client.ask("GET /events HTTP/1.1");
            of("container").tell("container", "create", "c1", Map.of());
            of("image").tell("image", "load", "i1", Map.of());
            cursor = next(client).path("cursor").asString();
        }
        of("container").tell("container", "start", "c1", Map.of());
        try (Client client = new Client(gateway.socket())) {
            client.ask("GET /events?since=" + cursor + " HTTP/1.1");
            assertThat(next(client).path("Action").asString()).isEqualTo("load");
            assertThat(next(client).path("Action").asString()).isEqualTo("start");
            of("container").tell("container", "die", "c1", Map.of());
            assertThat(next(client).path("Action").asString()).isEqualTo("die");
        }
        try (Client client = new Client(gateway.socket())) {
            assertThat(client.ask("GET /events?since=c.!! HTTP/1.1").status()).isEqualTo(400);
        }
    }

    @Test
    void sinceAndUntilBoundTheAnswer() throws IOException {
        of("container").tell("container", "create", "c1", Map.of());
        of("image").tell("image", "load", "i1", Map.of());
        long now = Instant.now().getEpochSecond();
        try (Client client = new Client(gateway.socket())) {
            Client.Answer all = client.get("GET /events?since=" + (now - 60) + "&until=" + (now + 1) + " HTTP/1.1");
            assertThat(actions(all)).containsExactly("create", "load");
        }
        try (Client client = new Client(gateway.socket())) {
            assertThat(client.get("GET /events?since=" + (now - 600) + "&until=" + (now - 60) + " HTTP/1.1")
                            .body())
                    .isEmpty();
        }
        try (Client client = new Client(gateway.socket())) {
            assertThat(client.ask("GET /events?since=20&until=10 HTTP/1.1").status())
                    .isEqualTo(400);
        }
        try (Client client = new Client(gateway.socket())) {
            assertThat(client.ask("GET /events?since=yesterday HTTP/1.1").status())
                    .isEqualTo(400);
        }
    }

    @Test
    void onlyWithoutBothBoundsThePastIsLeftOut() throws IOException {
        of("container").tell("container", "create", "c1", Map.of());
        long until = Instant.now().getEpochSecond() + 1;
        for (String query : List.of("since=0&until=" + until, "until=" + until)) {
            try (Client client = new Client(gateway.socket())) {
                assertThat(actions(client.get("GET /events?" + query + " HTTP/1.1")))
                        .as(query)
                        .containsExactly("create");
            }
        }
        try (Client client = new Client(gateway.socket())) {
            client.ask("GET /events?since=0 HTTP/1.1");
            assertThat(next(client).path("Action").asString()).isEqualTo("create");
        }
        try (Client client = new Client(gateway.socket())) {
            client.ask("GET /events HTTP/1.1");
            of("container").tell("container", "start", "c1", Map.of());
            assertThat(next(client).path("Action").asString()).isEqualTo("start");
        }
    }

    @Test
    void eventAfterUntilHidesNoneThatIsNot() throws IOException {
        long now = Instant.now().getEpochSecond();
        of("container").tellAt((now + 600) * 1_000_000_000L, "container", "late", "c1", Map.of());
        of("container").tellAt((now - 10) * 1_000_000_000L, "container", "early", "c1", Map.of());
        try (Client client = new Client(gateway.socket())) {
            assertThat(actions(client.get("GET /events?since=1&until=" + now + " HTTP/1.1")))
                    .containsExactly("early");
        }
    }

    @Test
    void listenersShareOneWaitForEachServiceHoweverManyEventsCome() throws IOException {
        int listeners = 5;
        int events = 40;
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < listeners; i++) {
                clients.add(new Client(gateway.socket()));
                clients.getLast().ask("GET /events HTTP/1.1");
            }
            for (int i = 0; i < events; i++) {
                of("container").tell("container", "create", "c" + i, Map.of());
                for (Client client : clients) {
                    assertThat(next(client).path("id").asString()).isEqualTo("c" + i);
                }
            }
            assertThat(of("container").mostWaiting()).isEqualTo(1);
            assertThat(of("image").mostWaiting()).isEqualTo(1);
            assertThat(of("quiet").mostWaiting()).isEqualTo(2); // it stands for two services
            // Each listener reads an event, and asks the others whether they have an earlier one.
            assertThat(of("container").reads()).isLessThan(2 * listeners * events + 2 * events);
            assertThat(of("image").reads()).isLessThan(2 * listeners * events);
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    private static List<String> actions(Client.Answer answer) {
        List<String> actions = new ArrayList<>();
        for (String line : answer.body().split("\n")) {
            if (!line.isEmpty()) {
                actions.add(Json.mapper().readTree(line).path("Action").asString());
            }
        }
        return actions;
    }

    @Test
    void filtersComeInBothForms() throws IOException {
        of("container").tell("container", "create", "c1", Map.of("name", "web", "image", "busybox:1", "tier", "a"));
        of("container").tell("container", "exec_create: ls", "c2", Map.of("name", "db", "image", "other"));
        of("image").tell("image", "load", "i1", Map.of("name", "busybox:1"));
        Map<String, List<String>> cases = new HashMap<>();
        cases.put("{\"type\":[\"container\"]}", List.of("create", "exec_create: ls"));
        cases.put("{\"type\":{\"image\":true}}", List.of("load"));
        cases.put("{\"event\":[\"exec_create\"]}", List.of("exec_create: ls"));
        cases.put("{\"container\":{\"web\":true}}", List.of("create"));
        cases.put("{\"image\":[\"busybox\"]}", List.of("create", "load"));
        cases.put("{\"label\":[\"tier=a\"]}", List.of("create"));
        cases.put("{\"label\":[\"tier=a\",\"image=busybox:1\"]}", List.of("create"));
        cases.put("{\"label\":[\"tier=a\",\"tier=b\"]}", List.of());
        cases.put("{\"label\":[\"tier=a\"],\"type\":[\"image\"]}", List.of());
        long until = Instant.now().getEpochSecond() + 1;
        for (Map.Entry<String, List<String>> one : cases.entrySet()) {
            try (Client client = new Client(gateway.socket())) {
                Client.Answer answer = client.get(
                        "GET /events?since=1&until=" + until + "&filters=" + encoded(one.getKey()) + " HTTP/1.1");
                assertThat(actions(answer)).as(one.getKey()).isEqualTo(one.getValue());
            }
        }
        for (String bad : new String[] {"{\"colour\":[\"red\"]}", "{", "[]", "{\"type\":[{}]}"}) {
            try (Client client = new Client(gateway.socket())) {
                assertThat(client.ask("GET /events?filters=" + encoded(bad) + " HTTP/1.1")
                                .status())
                        .as(bad)
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void mediaTypeFollowsAccept() throws IOException {
        of("container").tell("container", "create", "c1", Map.of());
        long until = Instant.now().getEpochSecond() + 1;
        try (Client client = new Client(gateway.socket())) {
            Client.Answer answer =
                    client.get("GET /events?since=1&until=" + until + " HTTP/1.1|Accept: application/json-seq");
            assertThat(answer.head().header("Content-Type")).isEqualTo("application/json-seq");
            assertThat(answer.body()).startsWith("\u001e{");
        }
    }

    @Test
    void serviceThatFailsCutsTheStreamInsteadOfFallingSilent() throws IOException {
        Logger logger = (Logger) LoggerFactory.getLogger(StreamResponse.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try (Client client = new Client(gateway.socket())) {
            Client.Head head = client.ask("GET /events HTTP/1.1|Longshore-Trace: " + "a".repeat(32));
            of("image").breakEvents();
            assertThatThrownBy(client::chunk).isInstanceOf(IOException.class);
            // The client may see the end before the gateway has written of it.
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (lines.list.isEmpty() && System.nanoTime() < limit) {
                LockSupport.parkNanos(5_000_000);
            }
            assertThat(lines.list)
                    .as("log lines of the stream, which the request's id leads to")
                    .isNotEmpty()
                    .allSatisfy(line ->
                            assertThat(line.getMDCPropertyMap()).containsEntry("trace", head.header("X-Request-Id")));
        } finally {
            logger.detachAppender(lines);
        }
        try (Client client = new Client(gateway.socket())) {
            assertThat(client.ask("GET /events HTTP/1.1").status()).isEqualTo(503);
        }
    }

    @Test
    void listenerThatDoesNotReadDelaysNobody() throws IOException {
        try (Client slow = new Client(gateway.socket());
                Client quick = new Client(gateway.socket())) {
            slow.ask("GET /events HTTP/1.1");
            quick.ask("GET /events HTTP/1.1");
            String label = "x".repeat(4_000);
            for (int i = 0; i < 1_000; i++) {
                of("container").tell("container", "create", "c" + i, Map.of("label", label));
            }
            for (int i = 0; i < 1_000; i++) {
                assertThat(next(quick).path("id").asString()).isEqualTo("c" + i);
            }
            for (int i = 0; i < 1_000; i++) {
                assertThat(next(slow).path("id").asString()).isEqualTo("c" + i);
            }
        }
    }
}
