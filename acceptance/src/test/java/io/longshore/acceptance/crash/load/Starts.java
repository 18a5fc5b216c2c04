package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Clients that begin at the same moment, each of which creates and starts one container on a network. */
public final class Starts {
    private final String body;
    private final AtomicInteger started = new AtomicInteger();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final CountDownLatch connected;
    private final List<Thread> clients;
    /** From here on an exchange may fail. */
    private volatile boolean crashing;

    /** Sends them off. */
    public Starts(Path socket, String network, int count) {
        body = "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"600\"],\"HostConfig\":{\"NetworkMode\":\"" + network
                + "\"}}";
        connected = new CountDownLatch(count);
        clients = IntStream.range(0, count)
                .mapToObj(each -> Thread.ofVirtual().start(() -> start(socket)))
                .toList();
    }

    private void start(Path socket) {
        try (UnixHttp http = UnixHttp.connect(socket, Life.PATIENCE)) {
            connected.countDown();
            assertThat(connected.await(1, TimeUnit.MINUTES)).as("all connected").isTrue();
            String id = http.exchange(Request.post("/containers/create", body))
                    .expect(201)
                    .json()
                    .path("Id")
                    .asString();
            http.exchange(Request.post("/containers/" + id + "/start")).expect(204);
            started.incrementAndGet();
        } catch (IOException | InterruptedException e) {
            if (!crashing) {
                failures.add(e);
            }
        } catch (RuntimeException | Error e) {
            failures.add(e);
        }
    }

    /** Kills Longshore under them when so many have been told that theirs runs. */
    public void crash(Longshore longshore, int some) {
        long end = System.nanoTime() + Life.PATIENCE.toNanos();
        while (started.get() < some && failures.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(500_000);
        }
        assertThat(clients).as("clients at work").anyMatch(Thread::isAlive);
        crashing = true;
        longshore.crash();
        join();
    }

    /** Waits for all of them: how many containers they were told run. */
    public int join() {
        for (Thread client : clients) {
            try {
                client.join(Life.PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        assertThat(clients).as("clients at work").noneMatch(Thread::isAlive);
        assertThat(failures).as("failures of clients").isEmpty();
        return started.get();
    }
}
