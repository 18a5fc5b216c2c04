package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One simulated process, of a container or a session. All state is behind its own monitor, under which nothing waits. */
final class SimulatedProcess {
    private static final int SIGKILL = 9;
    /** Signals that by default do not end a process: SIGCHLD, SIGCONT, SIGURG, SIGWINCH, and the stops, which are not simulated. */
    private static final Set<Integer> HARMLESS = Set.of(17, 18, 19, 20, 21, 22, 23, 28);

    private final String name;
    private final ContainerSpec spec;
    private final StartWords words;
    private final Consumer<byte[]> log;
    private final Consumer<Exit> listener;
    private final ScheduledExecutorService clock;
    private final Set<SimulatedStream> streams = new LinkedHashSet<>();

    private @Nullable SimulatedCommand command;
    private @Nullable Running running;
    private @Nullable Exit exit;
    private boolean destroyed;
    private boolean frozen;
    private @Nullable Integer dueCode;

    /**
     * @param name as messages have it
     * @param log is given the output
     * @param listener is told the end
     */
    SimulatedProcess(
            String name,
            ContainerSpec spec,
            StartWords words,
            Consumer<byte[]> log,
            Consumer<Exit> listener,
            ScheduledExecutorService clock) {
        this.name = name;
        this.spec = spec;
        this.words = words;
        this.log = log;
        this.listener = listener;
        this.clock = clock;
    }

    synchronized Running start(int pid) {
        if (running != null) {
            throw new Failure.Conflict(name + " is started already");
        }
        SimulatedCommand parsed = SimulatedCommand.parse(spec.process().arguments(), words);
        return run(parsed, new Running(pid, Instant.now()), true);
    }

    /** Goes on with a process that an earlier life of the agent started. */
    synchronized Running resume(Running earlier) {
        return run(SimulatedCommand.parse(spec.process().arguments(), words), earlier, false);
    }

    private Running run(SimulatedCommand parsed, Running now, boolean writes) {
        command = parsed;
        running = now;
        if (writes && !parsed.output().isEmpty()) {
            write(parsed.output().getBytes(StandardCharsets.UTF_8));
        }
        if (!parsed.echoes() || !spec.process().openStdin()) {
            endsByItself();
        }
        return now;
    }

    private void endsByItself() {
        if (command != null && command.runs() != null && running != null) {
            Duration left = Duration.between(Instant.now(), running.startedAt().plus(command.runs()));
            int code = command.exitCode();
            var _ = clock.schedule(() -> finish(code), Math.max(0, left.toNanos()), TimeUnit.NANOSECONDS);
        }
    }

    /** The container, or what it would be if the session were its first process. */
    ContainerSpec spec() {
        return spec;
    }

    synchronized @Nullable Running running() {
        return exit == null ? running : null;
    }

    synchronized @Nullable Exit exit() {
        return exit;
    }

    synchronized void signal(int signal) {
        if (running() == null) {
            throw new Failure.Conflict(name + " is not running");
        }
        if (!HARMLESS.contains(signal)) {
            clock.execute(() -> finish(128 + signal));
        }
    }

    synchronized void resize() {
        if (!spec.process().tty()) {
            throw new Failure.Conflict(name + " has no terminal");
        }
    }

    synchronized SimulatedStream attach(AttachRequest request) {
        var stream = new SimulatedStream(this, request);
        if (exit != null) {
            stream.end();
        } else {
            streams.add(stream);
        }
        return stream;
    }

    synchronized void leave(SimulatedStream stream) {
        streams.remove(stream);
    }

    synchronized void input(byte[] bytes) {
        if (command != null && command.echoes() && exit == null) {
            write(bytes);
        }
    }

    synchronized void inputEnded() {
        if (spec.process().stdinOnce() && command != null && command.echoes()) {
            endsByItself();
        }
    }

    private void write(byte[] bytes) {
        log.accept(bytes);
        streams.forEach(stream -> stream.deliver(bytes, spec.process().tty()));
    }

    private void finish(int code) {
        synchronized (this) {
            if (exit != null || running == null || destroyed) {
                return;
            }
            if (frozen) {
                dueCode = code;
                return;
            }
            exit = new Exit(code, false, running.startedAt(), Instant.now(), "");
            streams.forEach(SimulatedStream::end);
            streams.clear();
        }
        Exit end = exit;
        Thread.ofVirtual().start(() -> listener.accept(end));
    }

    synchronized boolean isFrozen() {
        return frozen;
    }

    /** What would end it meanwhile ends it when it goes on. */
    synchronized void freeze(boolean wanted) {
        if (wanted && running() == null) {
            throw new Failure.Conflict(name + " is not running");
        }
        frozen = wanted;
        Integer due = dueCode;
        if (!wanted && due != null) {
            dueCode = null;
            clock.execute(() -> finish(due));
        }
    }

    /** Whoever it lived in is gone. */
    void kill() {
        finish(128 + SIGKILL);
    }

    synchronized void destroy() {
        destroyed = true;
        if (exit == null && running != null) {
            exit = new Exit(128 + SIGKILL, false, running.startedAt(), Instant.now(), "");
        }
        streams.forEach(SimulatedStream::end);
        streams.clear();
    }
}
