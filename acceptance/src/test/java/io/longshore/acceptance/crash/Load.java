package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.crash.Life.Known;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Clients that run, stop and remove containers, and remember what they were told, so that it can be checked after a crash: what was
 * answered has happened, and what was under way is done or undone. Before the crash every answer must be the one asked for.
 */
final class Load {
    private static final int CLIENTS = 4;
    /** Lives that must have been whole before a crash: one that meets no load shows nothing. */
    private static final int WHOLE_LIVES = 4;

    private static final Duration GET_GOING = Duration.ofSeconds(60);

    private final Path socket;
    private final long seed;
    private final Queue<Life> lives = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger whole = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    /** From here on an exchange may fail, and the client whose exchange does is done. */
    private volatile boolean crashing;

    Load(Path socket, long seed) {
        this.socket = socket;
        this.seed = seed;
    }

    /** Starts the clients and returns when they have got going. */
    void start() {
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed * 31 + i);
            clients.add(Thread.ofPlatform().start(() -> client(random)));
        }
        long end = System.nanoTime() + GET_GOING.toNanos();
        while (whole.get() < WHOLE_LIVES && failures.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(failures).as("failures before the crash").isEmpty();
        assertThat(whole.get()).as("whole lives after %s", GET_GOING).isGreaterThanOrEqualTo(WHOLE_LIVES);
    }

    /** Kills Longshore under the clients, and gives how many whole lives they had seen. */
    int crash(Longshore longshore) {
        assertThat(clients).as("clients at work").allMatch(Thread::isAlive);
        crashing = true;
        longshore.crash();
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
        assertThat(failures).as("failures of clients").isEmpty();
        return whole.get();
    }

    private void client(Random random) {
        try (UnixHttp http = UnixHttp.connect(socket, Duration.ofSeconds(30))) {
            while (!crashing) {
                life(http, random);
                whole.incrementAndGet();
            }
        } catch (IOException e) {
            if (!crashing) {
                failures.add(e);
            }
        } catch (RuntimeException | Error e) {
            failures.add(e);
        }
    }

    private void life(UnixHttp http, Random random) throws IOException {
        int code = random.nextInt(100);
        // One that lasts must outlast some restarts: eight processes took 40 s for one on a busy machine.
        boolean lasts = random.nextBoolean();
        String script = "echo one; echo two; " + (lasts ? "exec sleep 3600" : "exit " + code);
        String id = http.exchange(Request.post("/containers/create", body("sh", "-c", script)))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        Life life = new Life(id, lasts ? -1 : code);
        lives.add(life);
        String path = "/containers/" + id;
        if (random.nextInt(10) > 0) {
            life.is(Known.STARTING);
            http.exchange(Request.post(path + "/start")).expect(204);
            life.is(Known.STARTED);
            if (!lasts) {
                Response ended = http.exchange(Request.post(path + "/wait")).expect(200);
                assertThat(ended.json().path("StatusCode").asInt()).isEqualTo(code);
                life.is(Known.ENDED);
            } else if (random.nextInt(3) > 0) {
                life.is(Known.STOPPING);
                http.exchange(Request.post(path + "/stop?t=0")).expect(204);
                life.is(Known.ENDED);
            }
        }
        if (random.nextInt(3) > 0) {
            life.is(Known.REMOVING);
            http.exchange(Request.delete(path + "?force=1")).expect(204);
            life.is(Known.REMOVED);
        }
    }

    /** Checks everything known against what Longshore says after its restart. */
    void check(Engine engine, String when) {
        lives.forEach(life -> life.check(engine, when));
    }

    /** Removes what is left of it; afterwards nothing of it may be there. */
    void remove(Engine engine, String when) {
        for (Life life : lives) {
            assertThat(engine.call(Request.delete("/containers/" + life.id() + "?force=1"))
                            .status())
                    .as("%s, removal of container %s", when, life.id())
                    .isIn(204, 404);
            life.is(Known.REMOVED);
        }
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
