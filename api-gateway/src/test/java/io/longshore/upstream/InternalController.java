package io.longshore.upstream;

import io.longshore.contracts.Caller;
import io.longshore.contracts.access.AccessApi;
import io.longshore.contracts.access.Credential;
import io.longshore.contracts.access.Identity;
import io.longshore.contracts.container.ContainerApi;
import io.longshore.contracts.container.ContainerCounts;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.Event;
import io.longshore.contracts.event.EventPage;
import io.longshore.contracts.event.EventsApi;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ImageUsage;
import io.longshore.contracts.image.RegistriesApi;
import io.longshore.contracts.registry.RegistryAccess;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The contracts that the gateway calls; events are put in by the test. */
@RestController
public class InternalController implements AccessApi, ContainerApi, FleetApi, EventsApi, RegistriesApi {
    private final List<Event> events = new ArrayList<>();
    private final AtomicInteger identified = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger mostWaiting = new AtomicInteger();
    private volatile boolean broken;

    public int identified() {
        return identified.get();
    }

    /** How often events were asked for. */
    public int reads() {
        return reads.get();
    }

    /** How many at most waited for news at once. */
    public int mostWaiting() {
        return mostWaiting.get();
    }

    public void breakEvents() {
        synchronized (events) {
            broken = true;
            events.notifyAll();
        }
    }

    public void tell(String type, String action, String id, Map<String, String> attributes) {
        tellAt(nanos(), type, action, id, attributes);
    }

    public void tellAt(long timeNanos, String type, String action, String id, Map<String, String> attributes) {
        synchronized (events) {
            events.add(
                    new Event(Integer.toString(events.size() + 1), "default", type, action, id, attributes, timeNanos));
            events.notifyAll();
        }
    }

    private static long nanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    @Override
    public Identity identify(Caller caller, Credential credential) {
        identified.incrementAndGet();
        return new Identity("root", "default");
    }

    @Override
    public ContainerCounts count(Caller caller) {
        return new ContainerCounts(6, 3, 1, 2);
    }

    @Override
    public List<Map<String, @Nullable Object>> usage(Caller caller, String version) {
        return List.of(Map.of("Id", "c1", "Version", version));
    }

    @GetMapping("/internal/images/usage")
    ImageUsage imageUsage(Caller caller, @RequestParam String version) {
        return new ImageUsage(99, List.of(Map.of("Id", "i1", "Version", version)));
    }

    @GetMapping("/internal/volumes/usage")
    List<Map<String, Object>> volumeUsage(Caller caller) {
        return List.of(Map.of("Name", "v1"));
    }

    @GetMapping("/internal/images/count")
    int images(Caller caller) {
        return 7;
    }

    @Override
    public RegistryAccess access(Caller caller) {
        return new RegistryAccess(
                List.of("plain.example:5000", "10.0.0.0/8"),
                List.of("https://mirror.example", "http://10.0.0.2:5000/"),
                List.of(),
                RegistryAccess.CERTIFICATES,
                RegistryAccess.IDLE_SECONDS);
    }

    @Override
    public void heartbeat(Caller caller, NodeId id, Heartbeat heartbeat) {
        throw new Failure.NotImplemented("no heartbeats here");
    }

    @Override
    public List<Node> nodes(Caller caller) {
        NodeInfo info = new NodeInfo(
                2,
                1L << 30,
                "6.18",
                "Debian 12",
                "12",
                "linux",
                "x86_64",
                1,
                "cgroupfs",
                "overlay2",
                List.of(List.of("Backing Filesystem", "extfs")),
                List.of("json-file"),
                List.of("host", "null"),
                List.of("local"),
                List.of("longshore"),
                "longshore",
                List.of("name=seccomp,profile=default"),
                "docker-init",
                "/var/lib/longshore",
                List.of("memoryLimit", "pidsLimit", "bridgeNfIptables"),
                List.of(),
                List.of(),
                null,
                null,
                null,
                null);
        return List.of(new Node(NodeId.parse("n1"), "host1", "unix:/x", Map.of("a", "b"), info, Instant.now(), true));
    }

    @Override
    public EventPage read(Caller caller, @Nullable String cursor, long sinceNanos, int limit, int waitMillis) {
        reads.incrementAndGet();
        if (waitMillis < 1_000) {
            return page(cursor, sinceNanos, limit, waitMillis);
        }
        mostWaiting.accumulateAndGet(waiting.incrementAndGet(), Math::max);
        try {
            return page(cursor, sinceNanos, limit, waitMillis);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private EventPage page(@Nullable String cursor, long sinceNanos, int limit, int waitMillis) {
        synchronized (events) {
            int from = cursor == null ? 0 : cursor.equals("now") ? events.size() : Integer.parseInt(cursor);
            long end = System.nanoTime() + waitMillis * 1_000_000L;
            while (!broken && from >= events.size() && System.nanoTime() < end) {
                try {
                    events.wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
                } catch (InterruptedException e) {
                    throw new Failure.Unavailable("stopping", e);
                }
            }
            if (broken) {
                throw new Failure.Unavailable("events are broken");
            }
            List<Event> page = events.subList(from, events.size()).stream()
                    .filter(event -> event.timeNanos() >= sinceNanos)
                    .limit(limit)
                    .toList();
            String next = page.isEmpty()
                    ? Integer.toString(events.size())
                    : page.getLast().cursor();
            return new EventPage(page, next, nanos());
        }
    }
}
