package io.longshore.acceptance.fleet;

import io.longshore.acceptance.crash.load.Life;
import io.longshore.acceptance.fleet.Entry.Fact;
import io.longshore.testbed.engine.Fleet;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a fleet that create, start, look into, stop and remove containers, each request by whichever gateway, and remember what they
 * were told. A request may be refused with 503, with 504 when its time is over (the database may be away for as long), or be cut; who asked does
 * not ask again.
 */
final class Clients {
    private static final int CLIENTS = 6;
    private static final Set<Integer> REFUSALS = Set.of(503, 504);
    /** After a request that did no good. */
    private static final long PAUSE = 200_000_000;

    private final Fleet fleet;
    private final String network;
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> troubles = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger whole = new AtomicInteger();
    private volatile boolean over;

    /** @param network on which some of the containers are, of which half publish a port */
    Clients(Fleet fleet, String network) {
        this.fleet = fleet;
        this.network = network;
    }

    void start(long seed) {
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed * 31 + i);
            threads.add(Thread.ofPlatform().name("client-" + i).start(() -> {
                while (!over) {
                    live(random);
                }
            }));
        }
    }

    /** Ends them, each after what it is about. */
    void stop() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** The containers of which nobody was told whether they were started. */
    Set<String> unanswered() {
        return entries.stream()
                .filter(entry -> entry.started == Fact.ASKED)
                .map(entry -> entry.id)
                .collect(Collectors.toSet());
    }

    /** Answers that nothing can excuse. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** How many requests there were. */
    int asked() {
        return asked.get();
    }

    /** How many containers had all that was asked for them. */
    int whole() {
        return whole.get();
    }

    /** How often a request was refused or cut, by how. */
    Map<String, Integer> troubles() {
        return new TreeMap<>(troubles);
    }

    private void live(Random random) {
        int number = numbers.incrementAndGet();
        Entry entry = new Entry("load-" + number, Fleet.NODES.get(random.nextInt(Fleet.NODES.size())));
        entries.add(entry);
        entry.created = Fact.ASKED;
        Response created = ask(random, Request.post("/containers/create?name=" + entry.name, body(entry, number)), 201);
        if (created == null) {
            return;
        }
        entry.id = created.json().path("Id").asString();
        entry.created = Fact.DONE;
        entry.started = Fact.ASKED;
        if (ask(random, Request.post(entry.path() + "/start"), 204) == null) {
            return;
        }
        entry.started = Fact.DONE;
        boolean all = number % 3 != 0 || exec(random, entry);
        int fate = random.nextInt(8);
        if (fate == 0) {
            return;
        }
        if (fate < 4) {
            entry.stopped = Fact.ASKED;
            if (ask(random, Request.post(entry.path() + "/stop?t=0"), 204) == null) {
                return;
            }
            entry.stopped = Fact.DONE;
        }
        if (fate != 1) {
            // By force it ends, too.
            entry.removed = Fact.ASKED;
            if (ask(random, Request.delete(entry.path() + "?force=1&v=1"), 204) == null) {
                return;
            }
            entry.removed = Fact.DONE;
        }
        if (all) {
            whole.incrementAndGet();
        }
    }

    private String body(Entry entry, int number) {
        String where = "\"Labels\":{\"io.longshore.placement.constraint\":\"node.hostname==" + entry.node + "\"},";
        String volume = number % 4 == 0 ? "\"Volumes\":{\"/data\":{}}," : "";
        String port = number % 6 == 1 ? ",\"PortBindings\":{\"8080/tcp\":[{\"HostPort\":\"\"}]}" : "";
        return "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"3600\"]," + where + volume
                + "\"HostConfig\":{\"NetworkMode\":\"" + (number % 3 == 1 ? network : "none") + "\"" + port + "}}";
    }

    /** The answer, if it is the one that was wanted, else null. */
    private @Nullable Response ask(Random random, Request request, int wanted) {
        int replica = random.nextInt(Fleet.REPLICAS);
        String what = request.method() + " " + request.target() + " at gateway " + replica;
        asked.incrementAndGet();
        long began = System.nanoTime();
        try {
            Response answer = UnixHttp.once(fleet.engine(replica).socket(), request);
            if (answer.status() == wanted) {
                return answer;
            }
            if (!REFUSALS.contains(answer.status())) {
                wrong.add(what + ": " + answer.status() + " " + answer.text());
            }
            trouble(answer.status() + " " + answer.text().replaceAll("[0-9a-f]{12,}|load-\\d+|[0-9]+", "N"), began);
        } catch (IOException e) {
            trouble("cut", began);
        }
        LockSupport.parkNanos(PAUSE);
        return null;
    }

    private void trouble(String kind, long began) {
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        troubles.merge(kind + (seconds > 5 ? " (slow)" : ""), 1, Integer::sum);
    }

    /** Whether a session's output came whole; never is it another one. */
    private boolean exec(Random random, Entry entry) {
        Response made = ask(
                random,
                Request.post(
                        entry.path() + "/exec", "{\"AttachStdout\":true,\"Cmd\":[\"echo\",\"" + entry.name + "\"]}"),
                201);
        if (made == null) {
            return false;
        }
        int replica = random.nextInt(Fleet.REPLICAS);
        asked.incrementAndGet();
        try (UnixHttp http = UnixHttp.connect(fleet.engine(replica).socket())) {
            String output = Life.output(http, made.json().path("Id").asString());
            if (output.equals(entry.name + "\n")) {
                return true;
            }
            if (!(entry.name + "\n").startsWith(output)) {
                wrong.add("exec in " + entry + " at gateway " + replica + ": " + output);
            }
            trouble("output cut", System.nanoTime());
        } catch (IOException e) {
            trouble("exec cut", System.nanoTime());
        }
        return false;
    }
}
