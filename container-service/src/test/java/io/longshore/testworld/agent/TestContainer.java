package io.longshore.testworld.agent;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.agent.Tick;
import io.longshore.contracts.error.Failure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A container that does nothing but be in a state. Guarded by its agent. */
final class TestContainer {
    static final byte[] END = new byte[0];

    ContainerSpec spec;
    final ByteArrayOutputStream log = new ByteArrayOutputStream();
    final List<BlockingQueue<byte[]>> attached = new CopyOnWriteArrayList<>();
    long revision;
    Status status = Status.CREATED;
    long starts;
    int exitCode;
    String error = "";

    @Nullable
    Instant startedAt;

    @Nullable
    Instant finishedAt;

    private final Set<Integer> busy;

    TestContainer(ContainerSpec spec, Set<Integer> busy) {
        this.busy = busy;
        this.spec = spec;
    }

    Observed observed() {
        int pid = status == Status.RUNNING ? 4242 : 0;
        return new Observed(
                spec.id(),
                spec.generation(),
                revision,
                status,
                starts,
                0,
                pid,
                startedAt,
                finishedAt,
                exitCode,
                false,
                error,
                null,
                status == Status.RUNNING ? published() : List.of());
    }

    /** Of ports that other nodes forward to: the number that those have, or the next one if it is busy here. */
    private List<PublishedPort> published() {
        List<PublishedPort> ports = new ArrayList<>();
        for (Port port : spec.network().ports()) {
            Entries entries = port.entries();
            if (entries != null) {
                int wanted = entries.hostPort() > 0
                        ? entries.hostPort()
                        : port.firstHostPort() > 0 ? port.firstHostPort() : 40_000;
                int number = busy.contains(wanted) ? wanted + 1 : wanted;
                String address = port.hostAddress().isEmpty() ? "0.0.0.0" : port.hostAddress();
                ports.add(new PublishedPort(port.port(), port.protocol(), address, number));
            }
        }
        return ports;
    }

    /** Its figures; nothing of one that does not run, and none of one that is gone. */
    Tick tick() {
        if (status == Status.REMOVED) {
            throw new Failure.NotFound("no container " + spec.id() + " on this node");
        }
        if (status != Status.RUNNING) {
            return new Tick(null);
        }
        long nanos = System.nanoTime();
        return new Tick(new Sample(
                Instant.now(),
                new Sample.Cpu(nanos, null, 0, nanos, nanos, 2, 0, 0, 0),
                new Sample.Memory(4096, null, 0, 8192, Map.of("anon", 17L)),
                new Sample.Block(null, null, null, null, null, null, null, null),
                new Sample.Pids(3, -1),
                Map.of()));
    }

    BlockingQueue<byte[]> attach() {
        BlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
        if (status == Status.EXITED || status == Status.REMOVED) {
            queue.add(END);
        } else {
            attached.add(queue);
        }
        return queue;
    }

    void print(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] frame = ByteBuffer.allocate(8 + bytes.length)
                .put((byte) 1)
                .put(new byte[3])
                .putInt(bytes.length)
                .put(bytes)
                .array();
        log.writeBytes(frame);
        attached.forEach(queue -> queue.add(frame));
    }

    void endOutput() {
        attached.forEach(queue -> queue.add(END));
        attached.clear();
    }
}
