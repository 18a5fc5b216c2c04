package io.longshore.testworld.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.NetworkRequest;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.agent.PauseRequest;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.agent.SessionRequest;
import io.longshore.contracts.agent.SignalRequest;
import io.longshore.contracts.agent.Tick;
import io.longshore.contracts.agent.UpdateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.ExecId;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * An agent in memory. What a container does is its command: {@code true}, {@code exit N}, {@code echo TEXT}, {@code sleep} (ends by any
 * signal), {@code stubborn} (by SIGKILL only), {@code cat} (attached input comes back), {@code missing} (cannot be executed).
 */
@RestController
public class TestAgent extends ContainersOnly {
    /** What every container has written. */
    public static final long OWN_BYTES = 17;

    private static final Duration OUTPUT_ENDS_BEFORE = Duration.ofMillis(60);

    private final TestSessions sessions;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<ContainerId, TestContainer> containers = new HashMap<>();
    private String count = "first";
    private long revision;
    private long highestEpoch;
    private volatile boolean busy;
    private final AtomicBoolean losesAnAnswer = new AtomicBoolean();
    private final Set<Integer> busyPorts = ConcurrentHashMap.newKeySet();

    TestAgent(TestSessions sessions) {
        this.sessions = sessions;
    }

    /** A port of the node that somebody else has. */
    public void occupy(int port) {
        busyPorts.add(port);
    }

    @Override
    public Observed apply(Caller caller, ContainerId id, ApplyRequest request) {
        lock.lock();
        try {
            checkEpoch(request.epoch());
            TestContainer container = containers.get(id);
            if (container == null || container.status == Status.REMOVED) {
                container = new TestContainer(request.spec(), busyPorts);
                containers.put(id, container);
                change(container);
            }
            if (request.starts() > container.starts) {
                container.spec = request.spec();
                start(container, request.starts());
            }
            return container.observed();
        } finally {
            lock.unlock();
        }
    }

    private void start(TestContainer container, long number) {
        List<String> arguments = container.spec.process().arguments();
        if (arguments.getFirst().equals("missing")) {
            container.exitCode = 127;
            container.error = "exec: \"missing\": executable file not found in $PATH";
            change(container);
            throw new Failure.Invalid(container.error);
        }
        container.starts = number;
        container.status = Status.RUNNING;
        container.startedAt = Instant.now();
        container.error = "";
        change(container);
        switch (arguments.getFirst()) {
            case "true" -> end(container, 0);
            case "exit" -> end(container, Integer.parseInt(arguments.get(1)));
            case "echo" -> {
                container.print(arguments.get(1) + "\n");
                end(container, 0);
            }
            default -> {
                // It runs until somebody ends it.
            }
        }
    }

    /** Half of the ends come before the answer to the start, half after it, and half of these a while after the end of the output. */
    private void end(TestContainer container, int exitCode) {
        switch (Math.floorMod(container.spec.id().hashCode(), 4)) {
            case 0, 1 -> ended(container, exitCode);
            case 2 -> Thread.ofVirtual().start(() -> locked(() -> ended(container, exitCode)));
            default -> {
                container.endOutput();
                Thread.ofVirtual().start(() -> {
                    LockSupport.parkNanos(OUTPUT_ENDS_BEFORE.toNanos());
                    locked(() -> ended(container, exitCode));
                });
            }
        }
    }

    private void ended(TestContainer container, int exitCode) {
        if (container.status == Status.RUNNING) {
            container.status = Status.EXITED;
            container.exitCode = exitCode;
            container.finishedAt = Instant.now();
            change(container);
            container.endOutput();
        }
    }

    @Override
    public Observed signal(Caller caller, ContainerId id, SignalRequest request) {
        lock.lock();
        try {
            checkEpoch(request.epoch());
            TestContainer container = known(id);
            if (container.status != Status.RUNNING && request.graceSeconds() == null) {
                throw new Failure.Conflict("container " + id + " is not running");
            }
            boolean stubborn = container.spec.process().arguments().getFirst().equals("stubborn");
            if (!stubborn || request.signal() == 9) {
                ended(container, 128 + request.signal());
            } else if (request.graceSeconds() != null) {
                awaitEnd(container, TimeUnit.SECONDS.toNanos(request.graceSeconds()));
                ended(container, 137);
            }
            return container.observed();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("the agent is stopping", e);
        } finally {
            lock.unlock();
        }
    }

    private void awaitEnd(TestContainer container, long nanos) throws InterruptedException {
        for (long left = nanos; container.status == Status.RUNNING && left > 0; ) {
            left = changed.awaitNanos(left);
        }
    }

    @Override
    public void remove(Caller caller, ContainerId id, RemoveRequest request) {
        locked(() -> {
            checkEpoch(request.epoch());
            if (busy) {
                throw new Failure.Internal("container " + id + " cannot be removed: device or resource busy");
            }
            TestContainer container = containers.get(id);
            if (container != null && container.status != Status.REMOVED) {
                if (container.status == Status.RUNNING && !request.force()) {
                    throw new Failure.Conflict("container " + id + " is running");
                }
                removed(container);
            }
        });
    }

    @Override
    public Observed observe(Caller caller, ContainerId id) {
        return answered(() -> known(id).observed());
    }

    @Override
    public ContainerSize size(Caller caller, ContainerId id, List<Digest> diffIds) {
        return new ContainerSize(OWN_BYTES, OWN_BYTES + 1_000L * diffIds.size());
    }

    @Override
    public Changes changes(Caller caller, @Nullable String instance, @Nullable Long since, int waitMillis) {
        lock.lock();
        try {
            long after = since == null || !count.equals(instance) ? -1 : since;
            boolean complete = after < 0;
            long left = TimeUnit.MILLISECONDS.toNanos(waitMillis);
            while (!complete && revision == after && left > 0) {
                left = changed.awaitNanos(left);
                complete = !count.equals(instance);
            }
            containers.values().removeIf(c -> c.status == Status.REMOVED && c.revision <= after);
            boolean all = complete;
            List<Observed> list = containers.values().stream()
                    .filter(container -> all || container.revision > after)
                    .sorted(Comparator.comparingLong(container -> container.revision))
                    .map(TestContainer::observed)
                    .toList();
            return new Changes(count, revision, list, List.of(), complete);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("the agent is stopping");
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Observed pause(Caller caller, ContainerId id, PauseRequest request) {
        throw new Failure.NotImplemented("this agent pauses nothing");
    }

    @Override
    public Observed update(Caller caller, ContainerId id, UpdateRequest request) {
        return answered(() -> {
            checkEpoch(request.epoch());
            TestContainer container = known(id);
            container.spec = container.spec.updated(request.resources(), request.restart());
            if (losesAnAnswer.getAndSet(false)) {
                throw new Failure.Unavailable("the connection was lost");
            }
            return container.observed();
        });
    }

    @Override
    public Observed network(Caller caller, ContainerId id, NetworkRequest request) {
        return answered(() -> {
            checkEpoch(request.epoch());
            TestContainer container = known(id);
            container.spec = container.spec.network(request.network());
            if (losesAnAnswer.getAndSet(false)) {
                throw new Failure.Unavailable("the agent does not answer");
            }
            return container.observed();
        });
    }

    @Override
    public void createNetwork(Caller caller, String id, NetworkSpec network) {
        // Networks have nothing here.
    }

    @Override
    public void removeNetwork(Caller caller, String id) {
        // Networks have nothing here.
    }

    /** Whether it can remove nothing from now on. */
    public void busy(boolean now) {
        busy = now;
    }

    /** The answer to the next update does not arrive, though it is made. */
    public void loseAnAnswer() {
        losesAnAnswer.set(true);
    }

    /** What it holds a container to be. */
    public ContainerSpec spec(ContainerId id) {
        return answered(() -> known(id).spec);
    }

    @Override
    public void resize(Caller caller, ContainerId id, int rows, int columns) {
        throw new Failure.Conflict("container " + id + " has no terminal");
    }

    @Override
    public ObservedSession createSession(Caller caller, ExecId session, SessionRequest request) {
        return sessions.create(request.spec());
    }

    @Override
    public ObservedSession startSession(Caller caller, ExecId session) {
        return sessions.start(session);
    }

    @Override
    public ObservedSession observeSession(Caller caller, ExecId session, int waitMillis) {
        return sessions.observe(session);
    }

    @Override
    public void resizeSession(Caller caller, ExecId session, int rows, int columns) {
        sessions.resize(session, rows, columns);
    }

    @Override
    public long highestEpoch(Caller caller) {
        return answered(() -> highestEpoch);
    }

    @PostMapping("/agent/containers/{id}/attach")
    void attach(@PathVariable ContainerId id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        TestContainer container;
        BlockingQueue<byte[]> output;
        lock.lock();
        try {
            container = known(id);
            output = container.attach();
        } finally {
            lock.unlock();
        }
        StreamResponse.of(request, response).duplex(client -> {
            if (container.spec.process().arguments().getFirst().equals("cat")) {
                Thread.ofVirtual().start(() -> {
                    try {
                        String text = new String(client.input().readAllBytes(), StandardCharsets.UTF_8);
                        locked(() -> {
                            container.print(text);
                            end(container, 0);
                        });
                    } catch (IOException e) {
                        locked(() -> ended(container, 1));
                    }
                });
            }
            write(output, client.output());
        });
    }

    private static void write(BlockingQueue<byte[]> output, OutputStream client)
            throws IOException, InterruptedException {
        for (byte[] frame = output.take(); frame.length > 0; frame = output.take()) {
            client.write(frame);
        }
    }

    @GetMapping("/agent/containers/{id}/logs")
    void logs(@PathVariable ContainerId id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        byte[] log = answered(() -> known(id).log.toByteArray());
        StreamResponse.of(request, response).output(output -> output.write(log));
    }

    @Override
    public ProcessTable top(Caller caller, ContainerId id, String psArguments) {
        lock.lock();
        try {
            TestContainer container = known(id);
            if (container.status != Status.RUNNING) {
                throw new Failure.Conflict("container " + id + " is not running");
            }
            return new ProcessTable(List.of("PID", "ARGUMENTS"), List.of(List.of("1", psArguments)));
        } finally {
            lock.unlock();
        }
    }

    /** Ten objects a second. */
    @GetMapping("/agent/containers/{id}/stats")
    void stats(
            @PathVariable ContainerId id,
            @RequestParam(defaultValue = "0") int count,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Tick first = tick(id);
        StreamResponse.of(request, response).output(output -> {
            Tick tick = first;
            for (int written = 1; tick != null; written++) {
                output.write((Json.mapper().writeValueAsString(tick) + "\n").getBytes(StandardCharsets.UTF_8));
                if (written == count) {
                    return;
                }
                Thread.sleep(100);
                tick = tickOrNull(id);
            }
        });
    }

    private @Nullable Tick tickOrNull(ContainerId id) {
        try {
            return tick(id);
        } catch (Failure.NotFound e) {
            return null;
        }
    }

    private Tick tick(ContainerId id) {
        return answered(() -> known(id).tick());
    }

    /** Forgets everything, as a node that lost its disk, and is another instance. */
    public void forget() {
        locked(() -> {
            containers.clear();
            count += ", again";
            revision++;
            changed.signalAll();
        });
    }

    /** Ends a container behind everybody's back. */
    public void crash(ContainerId id, int exitCode) {
        locked(() -> ended(known(id), exitCode));
    }

    /** Removes a container, as a caller would whose commit did not follow. */
    public void removeOnly(ContainerId id) {
        locked(() -> {
            TestContainer container = known(id);
            removed(container);
        });
    }

    private void removed(TestContainer container) {
        ended(container, 137);
        container.status = Status.REMOVED;
        container.endOutput();
        change(container);
    }

    /** How often it has started a container's process. */
    public long started(ContainerId id) {
        return answered(() -> known(id).starts);
    }

    /** What is there and not removed. */
    public long present() {
        return answered(() -> containers.values().stream()
                .filter(c -> c.status != Status.REMOVED)
                .count());
    }

    private TestContainer known(ContainerId id) {
        TestContainer container = containers.get(id);
        if (container == null) {
            throw new Failure.NotFound("no container " + id + " on this node");
        }
        return container;
    }

    private void checkEpoch(long epoch) {
        if (epoch < highestEpoch) {
            throw new Failure.Conflict("epoch " + epoch + " is below " + highestEpoch);
        }
        highestEpoch = epoch;
    }

    private void change(TestContainer container) {
        container.revision = ++revision;
        changed.signalAll();
    }

    private <T> T answered(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable action) {
        var _ = answered(() -> {
            action.run();
            return true;
        });
    }
}
