package io.longshore.container.lifecycle;

import io.longshore.container.kernel.Signals;
import io.longshore.container.lease.ShardLeases;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.SignalRequest;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code POST /containers/{id}/stop}, {@code /kill} and {@code /restart}. */
@Component
class Stopping {
    /** Beyond the grace: for SIGKILL to bring the end, and for the way. */
    private static final Duration MARGIN = Duration.ofSeconds(20);
    /** For a stop without a limit of its own. */
    private static final Duration FOR_EVER = Duration.ofDays(30);

    private static final int KILL_SECONDS = 10;

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final Agents agents;
    private final ShardLeases leases;
    private final Recorder recorder;
    private final Starting starting;

    Stopping(
            ContainerStore store,
            ContainerLocks locks,
            Agents agents,
            ShardLeases leases,
            Recorder recorder,
            Starting starting) {
        this.store = store;
        this.locks = locks;
        this.agents = agents;
        this.leases = leases;
        this.recorder = recorder;
        this.starting = starting;
    }

    /** How to stop: null takes the container's own way. */
    record How(@Nullable String signal, @Nullable Integer seconds) {}

    void stop(Caller caller, String reference, How how) {
        ContainerRow row = settled(caller, reference);
        if (row.state() != ContainerState.RUNNING) {
            throw new Failure.NotModified("container " + row.name() + " is not running");
        }
        stop(caller, row, how);
    }

    void restart(Caller caller, String reference, How how) {
        ContainerRow found = store.find(caller.project(), reference);
        try (var lock = locks.lock(found.id())) {
            ContainerRow row = lock.waited() ? again(caller, found) : found;
            ContainerRow stopped = row.state() == ContainerState.RUNNING ? stop(caller, row, how) : row;
            if (stopped == null) {
                throw new Failure.NotFound("No such container: " + reference);
            }
            starting.start(caller, stopped);
            store.tell(row, EventDraft.of(row, "restart"));
        }
    }

    /** The row; if its process does not run, a start that is under way is waited for, since its process may run already. */
    private ContainerRow settled(Caller caller, String reference) {
        ContainerRow row = store.find(caller.project(), reference);
        if (row.state().canStart()) {
            try (var lock = locks.lock(row.id())) {
                return lock.waited() ? again(caller, row) : row;
            }
        }
        return row;
    }

    private ContainerRow again(Caller caller, ContainerRow row) {
        return store.find(caller.project(), row.id().value());
    }

    private @Nullable ContainerRow stop(Caller caller, ContainerRow row, How how) {
        ContainerSpec.Stop own = row.resolved().stop();
        String name = how.signal();
        int signal = name == null || name.isEmpty() ? own.signal() : Signals.parse(name);
        int seconds = how.seconds() == null ? own.timeoutSeconds() : Math.max(how.seconds(), -1);
        tellKill(row, signal);
        Duration patience = seconds < 0 ? FOR_EVER : Duration.ofSeconds(seconds).plus(MARGIN);
        ContainerRow now = recorder.record(row, signal(patient(caller, patience), row, signal, seconds));
        if (now != null && now.state() == ContainerState.RUNNING && now.starts() == row.starts()) {
            throw new Failure.Internal("cannot stop container: " + row.name() + ": it is still running " + seconds
                    + " s after signal " + signal + " and SIGKILL");
        }
        store.tell(row, EventDraft.of(row, "stop"));
        return now;
    }

    void kill(Caller caller, String reference, @Nullable String name) {
        int signal = name == null || name.isEmpty() ? Signals.KILL : Signals.parse(name);
        ContainerRow row = settled(caller, reference);
        if (!row.state().canKill()) {
            throw notRunning(reference, row);
        }
        tellKill(row, signal);
        boolean toTheEnd = signal == Signals.KILL;
        try {
            Observed seen = signal(caller, row, signal, toTheEnd ? KILL_SECONDS : null);
            recorder.record(row, seen);
        } catch (Failure.Conflict | Failure.NotFound e) {
            recorder.record(row, agents.api(row.node()).observe(caller, row.id()));
            throw notRunning(reference, row);
        }
    }

    private Observed signal(Caller caller, ContainerRow row, int signal, @Nullable Integer grace) {
        return agents.api(row.node())
                .signal(caller, row.id(), new SignalRequest(leases.epoch(row.node()), signal, grace));
    }

    /** Told before the signal is sent, so that the end that it brings is told after it. */
    private void tellKill(ContainerRow row, int signal) {
        store.tell(row, EventDraft.of(row, "kill", Map.of("signal", String.valueOf(signal))));
    }

    /** A client that asks for a long grace means to wait for it. */
    private static Caller patient(Caller caller, Duration patience) {
        Instant until = Instant.now().plus(patience);
        return until.isAfter(caller.deadline())
                ? new Caller(caller.principal(), caller.project(), until, caller.traceId())
                : caller;
    }

    private static Failure.Conflict notRunning(String reference, ContainerRow row) {
        return new Failure.Conflict(
                "cannot kill container: " + reference + ": container " + row.id() + " is not running");
    }
}
