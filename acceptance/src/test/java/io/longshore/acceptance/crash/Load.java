package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.engine.Engine;
import io.longshore.acceptance.http.Request;
import io.longshore.acceptance.http.Response;
import io.longshore.acceptance.http.UnixHttp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Clients that run, stop and remove containers, and remember what they were told, so that it can be checked after a crash: what was
 * answered has happened, and what was under way is done or undone.
 */
final class Load {
    private static final int CLIENTS = 4;

    /** What a client knows of one container. */
    private enum Known {
        CREATED,
        STARTED,
        ENDED,
        /** Asked to be stopped or removed; the answer did not come. */
        UNSURE,
        REMOVED
    }

    private final Path socket;
    private final long seed;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<String, Integer> exitCodes = new ConcurrentHashMap<>();
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean stopping;

    Load(Path socket, long seed) {
        this.socket = socket;
        this.seed = seed;
    }

    void start() {
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed * 31 + i);
            clients.add(Thread.ofPlatform().start(() -> client(random)));
        }
    }

    void stop() {
        stopping = true;
        for (Thread client : clients) {
            try {
                client.join(Duration.ofSeconds(70));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            assertThat(client.isAlive())
                    .as("a client hangs on a connection of a killed Longshore")
                    .isFalse();
        }
    }

    private void client(Random random) {
        try (UnixHttp http = UnixHttp.connect(socket, Duration.ofSeconds(30))) {
            while (!stopping) {
                life(http, random);
            }
        } catch (IOException e) {
            // The crash.
        }
    }

    private void life(UnixHttp http, Random random) throws IOException {
        int code = random.nextInt(100);
        // One that lasts must outlast a restart: eight processes took 40 s for it on a busy machine.
        String script = "echo one; echo two; " + (random.nextBoolean() ? "exit " + code : "exec sleep 600");
        String id = http.exchange(Request.post("/containers/create", body("sh", "-c", script)))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        known.put(id, Known.CREATED);
        if (script.contains("exit")) {
            exitCodes.put(id, code);
        }
        known.put(id, Known.UNSURE);
        http.exchange(Request.post("/containers/" + id + "/start")).expect(204);
        known.put(id, Known.STARTED);
        if (exitCodes.containsKey(id)) {
            Response ended =
                    http.exchange(Request.post("/containers/" + id + "/wait")).expect(200);
            assertThat(ended.json().path("StatusCode").asInt()).isEqualTo(code);
            known.put(id, Known.ENDED);
        } else if (random.nextInt(3) > 0) {
            known.put(id, Known.UNSURE);
            http.exchange(Request.post("/containers/" + id + "/stop?t=0")).expect(204);
            exitCodes.put(id, 137);
            known.put(id, Known.ENDED);
        }
        if (random.nextInt(3) > 0) {
            known.put(id, Known.UNSURE);
            http.exchange(Request.delete("/containers/" + id + "?force=1")).expect(204);
            known.put(id, Known.REMOVED);
        }
    }

    /** Checks everything known against what Longshore says after its restart. */
    void check(Engine engine, String when) {
        for (var entry : new LinkedHashMap<>(known).entrySet()) {
            String id = entry.getKey();
            String what = when + ", container " + id + " known as " + entry.getValue();
            Response inspected = engine.call(Request.get("/containers/" + id + "/json"));
            switch (entry.getValue()) {
                case REMOVED -> assertThat(inspected.status()).as(what).isEqualTo(404);
                case UNSURE -> assertThat(inspected.status()).as(what).isIn(200, 404);
                case CREATED, STARTED, ENDED -> {
                    assertThat(inspected.status())
                            .as("%s: %s", what, inspected.text())
                            .isEqualTo(200);
                    state(engine, id, entry.getValue(), what);
                }
            }
        }
    }

    private void state(Engine engine, String id, Known was, String what) {
        Integer code = exitCodes.get(id);
        if (was == Known.STARTED && code == null) {
            assertThat(status(engine, id)).as(what).isEqualTo("running");
        } else if (was != Known.CREATED && code != null) {
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (!status(engine, id).equals("exited") && System.nanoTime() < end) {
                LockSupport.parkNanos(20_000_000);
            }
            var state = engine.call(Request.get("/containers/" + id + "/json"))
                    .json()
                    .path("State");
            assertThat(state.path("Status").asString()).as(what).isEqualTo("exited");
            assertThat(state.path("ExitCode").asInt()).as(what).isEqualTo(code);
            if (code != 137) {
                assertThat(logLines(engine, id)).as(what).containsExactly("one", "two");
            }
        }
    }

    private static String status(Engine engine, String id) {
        return engine.call(Request.get("/containers/" + id + "/json"))
                .json()
                .path("State")
                .path("Status")
                .asString();
    }

    static String create(Engine engine, String... command) {
        Response created = engine.call(Request.post("/containers/create", body(command)));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }

    private static String body(String... command) {
        String words = Stream.of(command).map(word -> "\"" + word + "\"").collect(Collectors.joining(","));
        return "{\"Image\":\"busybox\",\"Cmd\":[" + words + "],\"HostConfig\":{\"NetworkMode\":\"none\"}}";
    }

    /** The log of standard output without its frames. */
    static List<String> logLines(Engine engine, String id) {
        ByteBuffer frames = ByteBuffer.wrap(
                engine.call(Request.get("/containers/" + id + "/logs?stdout=1")).body());
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (frames.hasRemaining()) {
            frames.getInt();
            byte[] payload = new byte[frames.getInt()];
            frames.get(payload);
            text.writeBytes(payload);
        }
        return text.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
