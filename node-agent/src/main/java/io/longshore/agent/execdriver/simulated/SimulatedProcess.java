package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Running;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One simulated container. All state is behind its own monitor, under which nothing waits. */
final class SimulatedProcess {
    private static final int SIGKILL = 9;
    /** Signals that by default do not end a process: SIGCHLD, SIGCONT, SIGURG, SIGWINCH, and the stops, which are not simulated. */
    private static final Set<Integer> HARMLESS = Set.of(17, 18, 19, 20, 21, 22, 23, 28);

    private final Launch launch;
    private final ExitListener listener;
    private final ScheduledExecutorService clock;
    private final SimulatedLog log;
    private final Set<SimulatedStream> streams = new LinkedHashSet<>();

    private @Nullable SimulatedCommand command;
    private @Nullable Running running;
    private @Nullable Exit exit;
    private boolean destroyed;

    SimulatedProcess(Launch launch, ExitListener listener, ScheduledExecutorService clock) {
        this.launch = launch;
        this.listener = listener;
        this.clock = clock;
        this.log = new SimulatedLog(launch);
    }

    synchronized Running start(int pid) {
        if (running != null) {
            throw new Failure.Conflict("container " + launch.id() + " is started already");
        }
        SimulatedCommand parsed = SimulatedCommand.parse(launch.spec().process().arguments());
        return run(parsed, new Running(pid, Instant.now()), true);
    }

    /** Goes on with a process that an earlier life of the agent started. */
    synchronized Running resume(Running earlier) {
        return run(SimulatedCommand.parse(launch.spec().process().arguments()), earlier, false);
    }

    private Running run(SimulatedCommand parsed, Running now, boolean writes) {
        command = parsed;
        running = now;
        if (writes && !parsed.output().isEmpty()) {
            write(parsed.output().getBytes(StandardCharsets.UTF_8));
        }
        if (!parsed.echoes() || !launch.spec().process().openStdin()) {
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

    Launch launch() {
        return launch;
    }

    synchronized @Nullable Running running() {
        return exit == null ? running : null;
    }

    synchronized @Nullable Exit exit() {
        return exit;
    }

    synchronized void signal(int signal) {
        if (running() == null) {
            throw new Failure.Conflict("container " + launch.id() + " is not running");
        }
        if (!HARMLESS.contains(signal)) {
            clock.execute(() -> finish(128 + signal));
        }
    }

    synchronized void resize() {
        if (!launch.spec().process().tty()) {
            throw new Failure.Conflict("container " + launch.id() + " has no terminal");
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
        if (launch.spec().process().stdinOnce() && command != null && command.echoes()) {
            endsByItself();
        }
    }

    private void write(byte[] bytes) {
        log.write(bytes);
        streams.forEach(stream -> stream.deliver(bytes, launch.spec().process().tty()));
    }

    private void finish(int code) {
        synchronized (this) {
            if (exit != null || running == null || destroyed) {
                return;
            }
            exit = new Exit(code, false, running.startedAt(), Instant.now(), "");
            streams.forEach(SimulatedStream::end);
            streams.clear();
        }
        Exit end = exit;
        Thread.ofVirtual().start(() -> listener.exited(launch.id(), end));
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
