package io.longshore.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.state.Outcome;
import io.longshore.contracts.agent.ContainerSpec.Restart;
import io.longshore.contracts.agent.ContainerSpec.Restart.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether and when a restart policy starts a container again. */
class RestartsTest {
    private static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");

    private final Restarts restarts = new Restarts();

    private static Outcome end(int code, long ranSeconds) {
        return end(1, code, ranSeconds);
    }

    private static Outcome end(long start, int code, long ranSeconds) {
        return new Outcome(start, true, code, false, BEGUN, BEGUN.plusSeconds(ranSeconds), "");
    }

    @Test
    void withoutAPolicyItStaysEnded() {
        assertThat(restarts.after(end(1, 0))).isNull();
        assertThat(restarts.atBegin(end(1, 0), 1)).isFalse();
        assertThat(restarts.matters()).isFalse();
    }

    @Test
    void thePauseDoublesUpToAMinuteAndBeginsAnewAfterALongRun() {
        restarts.policy(new Restart(Policy.ALWAYS, 0));
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            pauses.add(restarts.after(end(0, 9)));
        }
        assertThat(pauses)
                .startsWith(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400))
                .endsWith(Duration.ofMillis(51_200), Duration.ofMinutes(1), Duration.ofMinutes(1));
        assertThat(restarts.after(end(0, 10))).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void onFailureCountsItsTries() {
        restarts.policy(new Restart(Policy.ON_FAILURE, 2));
        restarts.begin(1);
        assertThat(restarts.after(end(1, 0, 0))).isNull();
        assertThat(restarts.after(end(1, 3, 0))).isNotNull();
        assertThat(restarts.after(end(2, 3, 0))).isNotNull();
        assertThat(restarts.after(end(3, 3, 0))).isNull();
        assertThat(restarts.count(3)).isEqualTo(2);
        restarts.begin(4);
        assertThat(restarts.count(4)).isZero();
        assertThat(restarts.after(end(4, 3, 0))).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void anEndThatALaterLifeOfTheAgentFindsIsCountedAsOften() {
        restarts.policy(new Restart(Policy.ON_FAILURE, 2));
        restarts.resume(4, 0, true);
        assertThat(restarts.atBegin(end(5, 3, 0), 5)).isTrue();
        assertThat(restarts.count(5)).isEqualTo(1);
        assertThat(restarts.atBegin(end(6, 3, 0), 6)).isFalse();
    }

    @Test
    void theFirstStartAfterOneOfTheMachineBeginsANewCount() {
        restarts.policy(new Restart(Policy.ON_FAILURE, 2));
        restarts.resume(4, 0, false);
        assertThat(restarts.atBegin(end(5, 255, 0), 5)).isTrue();
        assertThat(restarts.count(6)).isZero();
        assertThat(restarts.after(end(6, 3, 0))).isNotNull();
        assertThat(restarts.count(7)).isEqualTo(1);
    }

    @Test
    void whatACommandStoppedStaysSoUntilTheNodeBegins() {
        restarts.policy(new Restart(Policy.ALWAYS, 0));
        restarts.stop(1);
        assertThat(restarts.after(end(1, 0, 0))).isNull();
        assertThat(restarts.atBegin(end(1, 0, 0), 1)).isTrue();
        restarts.policy(new Restart(Policy.UNLESS_STOPPED, 0));
        assertThat(restarts.atBegin(end(1, 0, 0), 1)).isFalse();
        assertThat(restarts.atBegin(end(2, 0, 0), 2)).isTrue();
        restarts.policy(new Restart(Policy.ON_FAILURE, 0));
        assertThat(restarts.atBegin(end(2, 137, 0), 2)).isTrue();
        restarts.stop(2);
        assertThat(restarts.atBegin(end(2, 137, 0), 2)).isFalse();
    }
}
