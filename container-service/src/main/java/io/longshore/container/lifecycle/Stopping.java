package io.longshore.container.lifecycle;

import io.longshore.container.kernel.Signals;
import io.longshore.container.move.Moves;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code POST /containers/{id}/stop}, {@code /kill} and {@code /restart}. */
@Component
public class Stopping {
    /** Beyond the grace: for SIGKILL to bring the end, and for the way. */
    private static final Duration MARGIN = Duration.ofSeconds(20);
    /** For a stop without a limit of its own. */
    private static final Duration FOR_EVER = Duration.ofDays(30);

    /** A container that removes itself stays for longer only where this replica itself sees its end. */
    private static final Duration LONGEST_MARK = Duration.ofHours(1);

    private static final int KILL_SECONDS = 10;

    private final ContainerStore store;
    private final LockedRows rows;
    private final Commands commands;
    private final Recorder recorder;
    private final Starting starting;
    private final Removal removal;
    private final Moves moves;

    Stopping(
            ContainerStore store,
            LockedRows rows,
            Commands commands,
            Recorder recorder,
            Starting starting,
            Removal removal,
            Moves moves) {
        this.moves = moves;
        this.store = store;
        this.rows = rows;
        this.commands = commands;
        this.recorder = recorder;
        this.starting = starting;
        this.removal = removal;
    }

    /** How to stop: null takes the container's own way. */
    public record How(@Nullable String signal, @Nullable Integer seconds) {}

    void stop(Caller caller, String reference, How how) {
        ContainerRow row = settled(caller, reference);
        moves.stayStopped(row.id());
        if (!row.state().alive()) {
            throw new Failure.NotModified("container " + row.name() + " is not running");
        }
        stop(caller, row, how, () -> moves.stayStopped(row.id()));
    }

    /** Stops without the container's lock, so that it can be killed or removed while its grace runs, and starts with it. */
    void restart(Caller caller, String reference, How how) {
        ContainerRow row = settled(caller, reference);
        Caller starter = caller;
        Duration patience = patience(seconds(row, how)).plus(MARGIN);
        Duration marked = patience.plus(MARGIN);
        try (var stay = removal.stay(row, marked.compareTo(LONGEST_MARK) < 0 ? marked : LONGEST_MARK)) {
            if (row.state().alive()) {
                starter = patient(caller, patience);
                stop(caller, row, how);
            }
            try (var locked = rows.find(starter, row.id().value())) {
                // The end that is awaited has come; the next one is the new process's own.
                stay.over();
                if (!locked.row().state().alive()) {
                    starting.start(starter, locked.row());
                }
            }
        }
        store.tell(row, EventDraft.of(row, "restart"));
    }

    /** The row; if its process does not run, a start that is under way is waited for, since its process may run already. */
    private ContainerRow settled(Caller caller, String reference) {
        ContainerRow row = store.find(caller.project(), reference);
        if (row.state().canStart()) {
            try (var locked = rows.find(caller, row.id().value())) {
                return locked.row();
            }
        }
        return row;
    }

    /** With or without the container's lock; one that has ended meanwhile is no failure. */
    public void stop(Caller caller, ContainerRow row, How how) {
        stop(caller, row, how, () -> {});
    }

    /** A move may have come to it in its grace; so what is to be said to that is said before the row says that it has ended. */
    private void stop(Caller caller, ContainerRow row, How how, Runnable ending) {
        ContainerSpec.Stop own = row.resolved().stop();
        String name = how.signal();
        int signal = name == null || name.isEmpty() ? own.signal() : Signals.parse(name);
        int seconds = seconds(row, how);
        tellKill(row, signal);
        Observed seen = commands.signal(patient(caller, patience(seconds)), row, signal, seconds);
        ending.run();
        ContainerRow now = recorder.record(row, seen);
        if (now != null && now.state().alive() && now.starts() == row.starts()) {
            throw new Failure.Internal("cannot stop container: " + row.name() + ": it is still running " + seconds
                    + " s after signal " + signal + " and SIGKILL");
        }
        store.tell(row, EventDraft.of(row, "stop"));
    }

    private static int seconds(ContainerRow row, How how) {
        return how.seconds() == null ? row.resolved().stop().timeoutSeconds() : Math.max(how.seconds(), -1);
    }

    private static Duration patience(int seconds) {
        return seconds < 0 ? FOR_EVER : Duration.ofSeconds(seconds).plus(MARGIN);
    }

    /** As in Docker, one that waits for its next start takes any signal; SIGKILL and the stop signal make it stay ended. */
    void kill(Caller caller, String reference, @Nullable String name) {
        int signal = name == null || name.isEmpty() ? Signals.KILL : Signals.parse(name);
        ContainerRow row = settled(caller, reference);
        boolean restarting = row.state() == ContainerState.RESTARTING;
        if (!row.state().hasProcess() && !restarting) {
            throw notRunning(reference, row);
        }
        if (!restarting) {
            tellKill(row, signal);
        }
        boolean toTheEnd = signal == Signals.KILL;
        boolean ends = toTheEnd || signal == row.resolved().stop().signal();
        if (ends) {
            moves.stayStopped(row.id());
        }
        try {
            Observed seen = commands.signal(caller, row, signal, toTheEnd ? KILL_SECONDS : null);
            if (ends) {
                moves.stayStopped(row.id());
            }
            recorder.record(row, seen);
        } catch (Failure.Conflict | Failure.NotFound e) {
            Observed seen = commands.observe(caller, row);
            recorder.record(row, seen);
            if (!restarting && seen.status() != Observed.Status.RESTARTING) {
                throw seen.status().hasProcess() ? e : notRunning(reference, row);
            }
        }
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
