package io.longshore.container.state;

import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides what an agent's observation does to a row: one pure function for the answer of an apply, the feed of changes and
 * recovery, in whatever order they come. What orders observations is the number of the start and, within one start, that an end
 * follows it; so late and repeated ones change nothing, and every start and end is told exactly once and in turn.
 */
public final class Observation {
    private Observation() {}

    /** The step, or null when the row knows all that the observation says. */
    public static @Nullable Step apply(ContainerRow row, Observed seen) {
        if (seen.generation() != row.generation() || !row.state().visible() || seen.starts() < row.starts()) {
            return null;
        }
        if (seen.starts() == row.starts()) {
            return isOlder(row, seen) ? null : sameStart(row, sinceStart(row, seen));
        }
        return laterStart(row, seen);
    }

    /**
     * The answer of a command overtakes the feed: what the feed says then of the time before is no news. What no agent has seen, as that its
     * node is lost, has no revision.
     */
    private static boolean isOlder(ContainerRow row, Observed seen) {
        Observed known = row.observed();
        return known != null && seen.revision() > 0 && seen.revision() < known.revision();
    }

    /** An agent that was restarted with its machine no longer knows when the process began. */
    private static Observed sinceStart(ContainerRow row, Observed seen) {
        Instant known = row.startedAt();
        Instant told = seen.startedAt();
        return known != null && (told == null || told.isBefore(known)) ? seen.startedAt(known) : seen;
    }

    /** While it runs an agent tells no exit code; who waited for the end before still needs that of the latest one. */
    private static Observed keepExitCode(ContainerRow row, Observed seen) {
        boolean kept = seen.status().hasProcess() && row.exits() > 0;
        return kept ? seen.exitCode(row.exitCode()) : seen;
    }

    private static @Nullable Step sameStart(ContainerRow row, Observed seen) {
        if (row.state().hasProcess()) {
            return seen.status().hasProcess() || seen.status() == Observed.Status.CREATED
                    ? stillRuns(row, seen)
                    : ended(row, seen);
        }
        if (row.state() == ContainerState.RESTARTING && seen.status() == Observed.Status.EXITED) {
            // A command has stopped it before its next start, or that has failed.
            return new Step(row.with(ContainerState.EXITED, seen, row.starts(), row.exits()), List.of());
        }
        return failedStart(row, seen);
    }

    private static Step ended(ContainerRow row, Observed seen) {
        List<EventDraft> events = new ArrayList<>();
        addOom(events, row, seen);
        events.add(die(row, seen));
        return new Step(row.with(after(seen), seen, row.starts(), row.exits() + 1), events);
    }

    /** Where an end leaves a container. */
    private static ContainerState after(Observed seen) {
        return seen.status() == Observed.Status.RESTARTING ? ContainerState.RESTARTING : ContainerState.EXITED;
    }

    /** Its process has been paused or resumed, a process of it killed for want of memory, its health found to be another. */
    private static @Nullable Step stillRuns(ContainerRow row, Observed seen) {
        List<EventDraft> events = new ArrayList<>();
        ContainerState state = row.state();
        if (seen.status() == Observed.Status.PAUSED && state == ContainerState.RUNNING) {
            state = ContainerState.PAUSED;
            events.add(EventDraft.of(row, "pause"));
        } else if (seen.status() == Observed.Status.RUNNING && state == ContainerState.PAUSED) {
            state = ContainerState.RUNNING;
            events.add(EventDraft.of(row, "unpause"));
        }
        addOom(events, row, seen);
        addHealth(events, row, seen);
        return events.isEmpty() && !firstHealth(row, seen)
                ? null
                : new Step(row.with(state, keepExitCode(row, seen), row.starts(), row.exits()), events);
    }

    private static boolean firstHealth(ContainerRow row, Observed seen) {
        return seen.health() != null
                && (row.observed() == null || row.observed().health() == null);
    }

    private static void addHealth(List<EventDraft> events, ContainerRow row, Observed seen) {
        Health now = seen.health();
        Health before = row.observed() == null ? null : row.observed().health();
        if (now != null && before != null && now.status() != before.status()) {
            events.add(
                    EventDraft.of(row, "health_status: " + now.status().name().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    /** A start that failed does not count on the agent: it shows in exit code and error only, and nobody is told. */
    private static @Nullable Step failedStart(ContainerRow row, Observed seen) {
        boolean failed = !row.state().alive()
                && !seen.status().hasProcess()
                && !seen.error().isEmpty();
        Observed known = row.observed();
        boolean news = known == null
                || known.exitCode() != seen.exitCode()
                || !known.error().equals(seen.error());
        return failed && news ? new Step(row.with(row.state(), seen, row.starts(), row.exits()), List.of()) : null;
    }

    /** Start number {@code seen.starts()} is news. If the row still runs, the end before it was missed and is told first. */
    private static Step laterStart(ContainerRow row, Observed seen) {
        List<EventDraft> events = new ArrayList<>();
        long exits = row.exits();
        if (row.state().hasProcess()) {
            events.add(die(row, seen));
            exits++;
        }
        if (!reallyStarted(row, seen)) {
            ContainerState stays = row.state().alive() ? ContainerState.EXITED : row.state();
            return new Step(row.with(stays, seen, seen.starts(), exits), events);
        }
        events.add(EventDraft.of(row, "start"));
        ContainerRow started = row.with(ContainerState.RUNNING, keepExitCode(row, seen), seen.starts(), exits);
        if (seen.oomKilled()) {
            events.add(EventDraft.of(row, "oom"));
        }
        if (seen.status() == Observed.Status.PAUSED) {
            events.add(EventDraft.of(row, "pause"));
            return new Step(keepRemoving(row, started.in(ContainerState.PAUSED)), events);
        }
        if (seen.status() == Observed.Status.RUNNING) {
            return new Step(keepRemoving(row, started), events);
        }
        events.add(die(row, seen));
        return new Step(keepRemoving(row, started.with(after(seen), seen, seen.starts(), exits + 1)), events);
    }

    private static ContainerRow keepRemoving(ContainerRow before, ContainerRow after) {
        return before.state() == ContainerState.REMOVING ? after.in(ContainerState.REMOVING) : after;
    }

    /** A start that failed leaves the times of the one before. */
    private static boolean reallyStarted(ContainerRow row, Observed seen) {
        Instant before = row.startedAt();
        Instant now = seen.startedAt();
        return seen.status().hasProcess() || (now != null && (before == null || now.isAfter(before)));
    }

    private static void addOom(List<EventDraft> events, ContainerRow row, Observed seen) {
        if (seen.oomKilled() && !wasOomKilled(row)) {
            events.add(EventDraft.of(row, "oom"));
        }
    }

    private static boolean wasOomKilled(ContainerRow row) {
        return row.observed() != null && row.observed().oomKilled();
    }

    private static EventDraft die(ContainerRow row, Observed seen) {
        Instant started = seen.startedAt();
        Instant finished = seen.finishedAt();
        long seconds = started == null || finished == null || finished.isBefore(started)
                ? 0
                : Duration.between(started, finished).toSeconds();
        return EventDraft.of(
                row,
                "die",
                Map.of("exitCode", String.valueOf(seen.exitCode()), "execDuration", String.valueOf(seconds)));
    }
}
