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
    /**
     * Descriptors that may stay: parts keep up to 256 connections to another for later calls, each with six of them (sockets, and selectors to
     * read and to write by). Clients that left theirs on each of their hops would leave thousands.
     */
    private static final int KEPT = 20 + 256 * 6;

    private static final int CONTAINERS = 3;
    private static final int TO_EACH = 140;
    private static final int SESSIONS = 80;
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
        int threads = count(own, "task");
        int descriptors = count(own, "fd");
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
            assertThat(count(own, "task") - threads).as("threads more").isLessThan(MOST_THREADS);
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
        awaitDescriptors(own, descriptors + KEPT);
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

    /** The entries of a directory of /proc, of all processes together. */
    private static int count(List<Long> pids, String directory) throws IOException {
        int sum = 0;
        for (long pid : pids) {
            try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid, directory))) {
                sum += (int) entries.count();
            } catch (NoSuchFileException e) {
                // One of PostgreSQL's, which come and go.
            }
        }
        return sum;
    }

    private static void awaitDescriptors(List<Long> pids, int most) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        int now = count(pids, "fd");
        while (now > most && System.nanoTime() < end) {
            LockSupport.parkNanos(200_000_000);
            now = count(pids, "fd");
        }
        assertThat(now)
                .as("descriptors when all have gone: %s", now > most ? kinds(pids) : "")
                .isLessThanOrEqualTo(most);
    }

    /** How many of each kind each process has. */
    private static Map<String, Integer> kinds(List<Long> pids) throws IOException {
        Map<String, Integer> kinds = new TreeMap<>();
        for (long pid : pids) {
            try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid, "fd"))) {
                for (Path entry : entries.toList()) {
                    try {
                        String target = Files.readSymbolicLink(entry).toString();
                        kinds.merge(pid + " " + target.replaceAll("[\\[/].*", ""), 1, Integer::sum);
                    } catch (NoSuchFileException e) {
                        // It was the one by which the directory was read.
                    }
                }
            }
        }
        return kinds;
    }
}
