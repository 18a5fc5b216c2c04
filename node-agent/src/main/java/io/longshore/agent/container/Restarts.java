package io.longshore.agent.container;

import io.longshore.agent.state.Outcome;
import io.longshore.contracts.agent.ContainerSpec.Restart;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a container is started again after its end, and when, as Docker does: after 100 ms, and twice as long each time up to a
 * minute, from the beginning again for one that ran for 10 s. Not thread-safe.
 */
final class Restarts {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONG_RUN = Duration.ofSeconds(10);

    private Restart wanted = Restart.NO;
    /** The latest start that was made by a command; those after it were made here. */
    private long commanded;
    /** The latest start that was stopped by a command, 0 for none. */
    private long stopped;
    /** Whether the machine was started since. */
    private boolean rebooted;

    private Duration pause = Duration.ZERO;

    /** The container's policy from now on. */
    void policy(Restart restart) {
        wanted = restart;
    }

    /** What an earlier life of the agent wrote down, in this boot of the machine or in an earlier one. */
    void resume(long commandedStart, long stoppedStart, boolean thisBoot) {
        commanded = commandedStart;
        stopped = stoppedStart;
        rebooted = !thisBoot;
    }

    long commanded() {
        return commanded;
    }

    /** How often the policy has made a start since the latest one by a command, of so many in all. */
    int count(long starts) {
        return Math.toIntExact(Math.max(0, starts - commanded));
    }

    /** Whether what a command has stopped must stay so after a power cut. */
    boolean matters() {
        return wanted.policy() != Restart.Policy.NO;
    }

    /** A command makes this start. */
    void begin(long start) {
        commanded = start;
        pause = Duration.ZERO;
    }

    /** A command stops this start, or has. */
    void stop(long start) {
        stopped = start;
    }

    /** How long to wait before the start that follows this end; null if there is none. */
    @Nullable
    Duration after(Outcome end) {
        if (isStopped(end.start()) || !wants(end, end.start())) {
            return null;
        }
        boolean ranLong = end.startedAt() != null
                && end.finishedAt() != null
                && Duration.between(end.startedAt(), end.finishedAt()).compareTo(LONG_RUN) >= 0;
        if (ranLong || pause.isZero()) {
            pause = FIRST_PAUSE;
        } else {
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
        return pause;
    }

    /**
     * Whether one that does not run is started when the agent begins: also one that was stopped, if it is to run always. Like a start by a
     * command, that begins a new count, unless the policy was at work on it when the agent died.
     */
    boolean atBegin(Outcome end, long starts) {
        boolean idle = isStopped(starts);
        boolean due = wanted.policy() == Restart.Policy.ALWAYS || (!idle && wants(end, starts));
        if (due && (idle || rebooted)) {
            begin(starts + 1);
        }
        return due;
    }

    private boolean isStopped(long starts) {
        return stopped > 0 && stopped == starts;
    }

    private boolean wants(Outcome end, long starts) {
        return switch (wanted.policy()) {
            case NO -> false;
            case ALWAYS, UNLESS_STOPPED -> true;
            case ON_FAILURE ->
                end.exitCode() != 0 && (wanted.maximumRetries() == 0 || count(starts) < wanted.maximumRetries());
        };
    }
}
