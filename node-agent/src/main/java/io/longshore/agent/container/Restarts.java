package io.longshore.agent.container;

import io.longshore.agent.state.Outcome;
import io.longshore.agent.state.RestartState;
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
    private RestartState state = RestartState.NONE;
    private Duration pause = Duration.ZERO;

    /** The container's policy from now on. */
    void policy(Restart restart) {
        wanted = restart;
    }

    /** What an earlier life of the agent remembered. */
    void resume(RestartState remembered) {
        state = remembered;
    }

    RestartState state() {
        return state;
    }

    /** Whether there is anything to remember. */
    boolean matters() {
        return wanted.policy() != Restart.Policy.NO;
    }

    /** It was started by a command. */
    void begin() {
        state = RestartState.NONE;
        pause = Duration.ZERO;
    }

    /** It was, or is about to be, stopped by a command. */
    void stop() {
        state = new RestartState(state.count(), true);
    }

    /** How long to wait before the next start; null if there is none. */
    @Nullable
    Duration after(Outcome end) {
        if (state.stopped() || !wants(end)) {
            return null;
        }
        state = new RestartState(state.count() + 1, false);
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

    /** Whether one that does not run is started when the agent begins: also one that was stopped, if it is to run always. */
    boolean atBegin(Outcome end) {
        return wanted.policy() == Restart.Policy.ALWAYS || (!state.stopped() && wants(end));
    }

    private boolean wants(Outcome end) {
        return switch (wanted.policy()) {
            case NO -> false;
            case ALWAYS, UNLESS_STOPPED -> true;
            case ON_FAILURE ->
                end.exitCode() != 0 && (wanted.maximumRetries() == 0 || state.count() < wanted.maximumRetries());
        };
    }
}
