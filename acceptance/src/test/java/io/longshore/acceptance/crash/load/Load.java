package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Clients that run containers of several kinds, and remember what they were told, so that it can be checked after a crash: what was
 * answered has happened, and what was under way is done or undone. Before the crash every answer must be the one asked for.
 */
public final class Load {
    private static final int CLIENTS = 4;
    /** Lives that must have been whole before a crash: one that meets no load shows nothing. */
    private static final int WHOLE_LIVES = 8;

    /** Each kind has its turn within that. */
    private static final Duration COMES_BY = Duration.ofSeconds(10);

    private static final Duration GET_GOING = Duration.ofSeconds(60);

    private enum Kind {
        PLAIN,
        EXEC,
        PAUSE,
        UPDATE,
        RESTART,
        HEALTH,
        LOG,
        NETWORK,
        PUBLISH,
        PULL,
        LOAD,
        VOLUME
    }

    /** {@code -Dacceptance.kinds=NETWORK,PULL}: these alone, to look for something. By default all, with a plain one after each other one. */
    private static final List<Kind> KINDS = kinds(System.getProperty("acceptance.kinds", ""));

    private final Path socket;
    private final Origin.Offered images;
    private final long seed;
    private final Queue<Life> lives = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger turns = new AtomicInteger();
    private final AtomicInteger whole = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    /** What each client is about. */
    private final Map<Thread, String> doing = new ConcurrentHashMap<>();
    /** From here on an exchange may fail, and the client whose exchange does is done. */
    private volatile boolean crashing;

    /** @param images that can be pulled */
    public Load(Path socket, Origin.Offered images, long seed) {
        this.socket = socket;
        this.images = images;
        this.seed = seed;
    }

    private static List<Kind> kinds(String names) {
        Stream<Kind> picked = names.isEmpty()
                ? Stream.of(Kind.values()).flatMap(kind -> Stream.of(kind, Kind.PLAIN))
                : Stream.of(names.split(",")).map(Kind::valueOf);
        return picked.toList();
    }

    /** Starts the clients and returns when they have got going. */
    public void start() {
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

    /** What a crash met: how many whole lives the clients had seen, and what they were about. */
    public record Met(int lives, Set<String> underWay) {}

    /** What crashes are to meet some time: what is brought, what is on networks, and what every container goes through. */
    public static final List<String> TO_MEET =
            List.of("prepare PULL", "prepare LOAD", "live NETWORK", "live PUBLISH", "create", "remove");

    /** Returns when a client is about that, or after some seconds without. */
    public void await(String what) {
        long end = System.nanoTime() + COMES_BY.toNanos();
        while (!doing.containsValue(what) && System.nanoTime() < end) {
            LockSupport.parkNanos(500_000);
        }
    }

    /** Kills Longshore under the clients. */
    public Met crash(Longshore longshore) {
        assertThat(clients).as("clients at work").allMatch(Thread::isAlive);
        Set<String> underWay = new HashSet<>(doing.values());
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
        return new Met(whole.get(), underWay);
    }

    /** All kinds in turn. */
    private Kind next() {
        return KINDS.get(Math.floorMod(turns.getAndIncrement() + seed, KINDS.size()));
    }

    private void client(Random random) {
        try (UnixHttp http = UnixHttp.connect(socket, Life.PATIENCE)) {
            while (!crashing) {
                life(http, next(), random);
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

    private void life(UnixHttp http, Kind kind, Random random) throws IOException {
        Life life = switch (kind) {
            case PLAIN -> new PlainLife(random);
            case EXEC -> new ExecLife(socket);
            case PAUSE -> new PauseLife();
            case UPDATE -> new UpdateLife();
            case RESTART -> new RestartLife(random);
            case HEALTH -> new HealthLife(socket);
            case LOG -> new LogLife();
            case NETWORK -> new NetworkLife(socket);
            case PUBLISH -> new PublishLife();
            case PULL -> new ImageLife(images.next());
            case LOAD -> new ImageLife(Origin.loaded());
            case VOLUME -> new VolumeLife(random);
        };
        lives.add(life);
        doing("prepare " + kind);
        life.prepare(http, random);
        doing("create");
        life.create(http);
        doing("live " + kind);
        life.live(http, random);
        if (random.nextInt(3) > 0) {
            doing("remove");
            life.remove(http);
            life.tidy(http);
        }
    }

    private void doing(String what) {
        doing.put(Thread.currentThread(), what);
    }

    /** Checks everything known against what Longshore says after its restart. */
    public void check(Longshore longshore, String when) {
        lives.forEach(life -> life.checkAll(longshore, when));
    }

    /** Removes what is left of it; afterwards nothing of it may be there. */
    public void remove(Engine engine, String when) {
        lives.forEach(life -> life.clear(engine, when));
    }
}
