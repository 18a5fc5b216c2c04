package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.PeakMemory;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Five hundred clients attached at once that hear nothing for long, to containers and to exec sessions. */
class ManyAttachesRootIT extends ApiCases {
    private static final int CONTAINERS = 3;
    private static final int TO_EACH = 140;
    private static final int SESSIONS = 80;
    private static final int GONE = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** In all parts together: a few of the pools of each may grow, none may have a thread for a client. */
    private static final int MOST_THREADS = 60;

    private static final long MOST_MEMORY_EACH = 256 << 10;

    @Test
    void liveOnIdleAndHearWhatComes() throws Exception {
        assumeTrue(engine instanceof Longshore, "it is not what is measured, and takes minutes to begin the sessions");
        Longshore longshore = (Longshore) engine;
        List<Long> own = longshore.pids(); // before there are supervisors among its children
        List<String> containers = new ArrayList<>();
        for (int i = 0; i < CONTAINERS; i++) {
            containers.add(create("while read x; do echo $x; done", "\"OpenStdin\":true,"));
            start(containers.getLast());
        }
        int threads = threads(own);
        int descriptors = sum(descriptors(own));
        List<Attached> clients = new ArrayList<>();
        List<Attached> givers = new ArrayList<>();
        try (PeakMemory memory = new PeakMemory(longshore)) {
            for (String id : containers) {
                for (int i = 0; i < TO_EACH; i++) {
                    clients.add(
                            live(Attached.to(engine, id, "stream=1&stdout=1" + (i == 0 ? "&stdin=1" : ""), PATIENCE)));
                    if (i == 0) {
                        givers.add(clients.getLast());
                    }
                }
            }
            for (int i = 0; i < SESSIONS; i++) {
                clients.add(live(Attached.toSession(engine, session(containers.getFirst()), false, PATIENCE)));
                givers.add(clients.getLast());
            }
            isResponsive();
            assertThat(threads(own) - threads).as("threads more").isLessThan(MOST_THREADS);
            for (int round = 1; round <= 2; round++) {
                for (Attached giver : givers) {
                    giver.send("round " + round + "\n");
                }
                for (Attached client : clients) {
                    assertThat(client.frame()).isEqualTo(new Attached.Frame(1, "round " + round + "\n"));
                }
            }
            assertThat(memory.growth() / clients.size())
                    .as("bytes for each client")
                    .isLessThan(MOST_MEMORY_EACH);
        } finally {
            for (Attached client : clients) {
                client.close();
            }
        }
        for (String id : containers) {
            assertThat(call(Request.delete("/containers/" + id + "?force=1")).status())
                    .isEqualTo(204);
        }
        awaitDescriptors(own, descriptors + 20);
    }

    /** More than may be attached to one container at the same time, and none of them says goodbye. */
    @Test
    void thoseThatHaveGoneTakeNoPlaces() throws Exception {
        assumeTrue(engine instanceof Longshore, "its descriptors are looked at");
        List<Long> own = ((Longshore) engine).pids();
        String silent = create("read x; echo $x", "\"OpenStdin\":true,");
        start(silent);
        String terminal = create("read x; echo $x", "\"OpenStdin\":true,\"Tty\":true,");
        start(terminal);
        String unstarted = create("read x; echo $x", "\"OpenStdin\":true,");
        int descriptors = sum(descriptors(own));
        for (String id : List.of(silent, terminal, unstarted)) {
            for (int i = 1; i <= GONE; i++) {
                String query = i % 2 == 0 ? "stream=1&stdout=1&stdin=1" : "stream=1&stdout=1";
                live(Attached.to(engine, id, query, PATIENCE)).close();
                if (i % (GONE / 3) == 0) {
                    awaitDescriptors(own, descriptors + 20); // each part looks once a second
                }
            }
        }
        for (String id : List.of(silent, unstarted, terminal)) {
            try (Attached last = live(Attached.to(engine, id, "stream=1&stdout=1&stdin=1", PATIENCE))) {
                if (id.equals(unstarted)) {
                    start(id);
                }
                last.send("here\n");
                assertThat(last.until("here")).endsWith("here");
            }
            assertThat(call(Request.delete("/containers/" + id + "?force=1")).status())
                    .isEqualTo(204);
        }
    }

    /** A client that has said all it has to say still hears what comes, however late. */
    @Test
    void thoseThatOnlyListenStay() throws Exception {
        String id = create("sleep 4; echo late", "");
        try (Attached client = live(Attached.to(engine, id, "stream=1&stdout=1", PATIENCE))) {
            client.halfClose();
            start(id);
            assertThat(client.frame()).isEqualTo(new Attached.Frame(1, "late\n"));
        }
        assertThat(call(Request.delete("/containers/" + id + "?force=1")).status())
                .isEqualTo(204);
    }

    private static Attached live(Attached attached) {
        assertThat(attached.status()).isEqualTo(101);
        return attached;
    }

    private String session(String container) {
        return call(Request.post(
                        "/containers/" + container + "/exec",
                        "{\"AttachStdin\":true,\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"while read x; do echo $x; done\"]}"))
                .json()
                .path("Id")
                .asString();
    }

    /** Others are served as if nobody was attached: each within a second, a whole life of a container in some. */
    private void isResponsive() {
        for (int i = 0; i < 10; i++) {
            long begun = System.nanoTime();
            assertThat(call(Request.get("/containers/json")).json()).hasSize(CONTAINERS);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
        }
        long begun = System.nanoTime();
        String id = create("exit 3");
        start(id);
        assertThat(call(Request.post("/containers/" + id + "/wait"))
                        .json()
                        .path("StatusCode")
                        .asInt())
                .isEqualTo(3);
        assertThat(call(Request.delete("/containers/" + id)).status()).isEqualTo(204);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    }

    private static int threads(List<Long> pids) throws IOException {
        int sum = 0;
        for (long pid : pids) {
            try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid, "task"))) {
                sum += (int) entries.count();
            } catch (NoSuchFileException e) {
                // One of PostgreSQL's, which come and go.
            }
        }
        return sum;
    }

    /** Connections that parts have opened for that many calls at once are kept for some seconds. */
    private static void awaitDescriptors(List<Long> pids, int most) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(45).toNanos();
        Map<String, Integer> now = descriptors(pids);
        while (sum(now) > most && System.nanoTime() < end) {
            LockSupport.parkNanos(200_000_000);
            now = descriptors(pids);
        }
        assertThat(sum(now)).as("descriptors when all have gone: %s", now).isLessThanOrEqualTo(most);
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many of each kind each process has. Not PostgreSQL's files: it keeps those of every table that it has looked into. */
    private static Map<String, Integer> descriptors(List<Long> pids) throws IOException {
        Map<String, Integer> kinds = new TreeMap<>();
        for (long pid : pids) {
            try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid, "fd"))) {
                for (Path entry : entries.toList()) {
                    String target = target(entry);
                    if (!target.isEmpty() && !target.contains("/postgres/")) {
                        kinds.merge(pid + " " + target.replaceAll("(?<!^)[\\[/].*", ""), 1, Integer::sum);
                    }
                }
            } catch (NoSuchFileException e) {
                // One of PostgreSQL's, which come and go.
            }
        }
        return kinds;
    }

    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException e) {
            return ""; // closed since the list was read
        }
    }
}
