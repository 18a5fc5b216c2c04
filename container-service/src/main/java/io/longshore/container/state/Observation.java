package io.longshore.container.state;

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
            return sameStart(row, sinceStart(row, seen));
        }
        return laterStart(row, seen);
    }

    /** An agent that was restarted with its machine no longer knows when the process began. */
    private static Observed sinceStart(ContainerRow row, Observed seen) {
        Instant known = row.startedAt();
        Instant told = seen.startedAt();
        return known != null && (told == null || told.isBefore(known)) ? seen.startedAt(known) : seen;
    }

    /** While it runs an agent tells no exit code; who waited for the end before still needs that of the latest one. */
    private static Observed keepExitCode(ContainerRow row, Observed seen) {
        boolean kept = seen.status() == Observed.Status.RUNNING && row.exits() > 0;
        return kept ? seen.exitCode(row.exitCode()) : seen;
    }

    private static @Nullable Step sameStart(ContainerRow row, Observed seen) {
        boolean ended = seen.status() != Observed.Status.RUNNING && seen.status() != Observed.Status.CREATED;
        if (row.state() == ContainerState.RUNNING && ended) {
            List<EventDraft> events = new ArrayList<>();
            addOom(events, row, seen);
            events.add(die(row, seen));
            return new Step(row.with(ContainerState.EXITED, seen, row.starts(), row.exits() + 1), events);
        }
        if (row.state() == ContainerState.RUNNING && seen.oomKilled() && !wasOomKilled(row)) {
            List<EventDraft> events = new ArrayList<>();
            addOom(events, row, seen);
            return new Step(
                    row.with(ContainerState.RUNNING, keepExitCode(row, seen), row.starts(), row.exits()), events);
        }
        return failedStart(row, seen);
    }

    /** A start that failed does not count on the agent: it shows in exit code and error only, and nobody is told. */
    private static @Nullable Step failedStart(ContainerRow row, Observed seen) {
        boolean failed = row.state() != ContainerState.RUNNING
                && seen.status() != Observed.Status.RUNNING
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
        if (row.state() == ContainerState.RUNNING) {
            events.add(die(row, seen));
            exits++;
        }
        if (!reallyStarted(row, seen)) {
            ContainerState stays = row.state() == ContainerState.RUNNING ? ContainerState.EXITED : row.state();
            return new Step(row.with(stays, seen, seen.starts(), exits), events);
        }
        events.add(EventDraft.of(row, "start"));
        ContainerRow started = row.with(ContainerState.RUNNING, keepExitCode(row, seen), seen.starts(), exits);
        if (seen.oomKilled()) {
            events.add(EventDraft.of(row, "oom"));
        }
        if (seen.status() == Observed.Status.RUNNING) {
            return new Step(keepRemoving(row, started), events);
        }
        events.add(die(row, seen));
        return new Step(keepRemoving(row, started.with(ContainerState.EXITED, seen, seen.starts(), exits + 1)), events);
    }

    private static ContainerRow keepRemoving(ContainerRow before, ContainerRow after) {
        return before.state() == ContainerState.REMOVING ? after.in(ContainerState.REMOVING) : after;
    }

    /** A start that failed leaves the times of the one before. */
    private static boolean reallyStarted(ContainerRow row, Observed seen) {
        Instant before = row.startedAt();
        Instant now = seen.startedAt();
        return seen.status() == Observed.Status.RUNNING || (now != null && (before == null || now.isAfter(before)));
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
