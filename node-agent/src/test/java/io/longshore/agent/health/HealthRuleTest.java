package io.longshore.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.ContainerSpec.HealthCheck;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Health.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What results make of a container's health. */
class HealthRuleTest {
    private static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");

    private static final HealthCheck CHECK = new HealthCheck(
            List.of("true"),
            Duration.ofSeconds(30),
            Duration.ofSeconds(3),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            2);

    private static Health after(Health before, long seconds, int code) {
        Instant at = STARTED.plusSeconds(seconds);
        return HealthRule.after(CHECK, before, new Health.Result(at, at.plusSeconds(1), code, "x" + seconds), STARTED);
    }

    @Test
    void failuresWhileItStartsDoNotCount() {
        Health health = after(after(HealthRule.first(), 5, 1), 10, 1);
        assertThat(health.status()).isEqualTo(Status.STARTING);
        assertThat(health.failingStreak()).isZero();
        Health late = after(health, 61, 1);
        assertThat(late.status()).isEqualTo(Status.STARTING);
        assertThat(late.failingStreak()).isEqualTo(1);
        assertThat(after(late, 90, -1).status()).isEqualTo(Status.UNHEALTHY);
    }

    @Test
    void oneSuccessMakesItHealthyAndEndsTheStart() {
        Health healthy = after(HealthRule.first(), 5, 0);
        assertThat(healthy.status()).isEqualTo(Status.HEALTHY);
        Health once = after(healthy, 10, 1);
        assertThat(once.status()).isEqualTo(Status.HEALTHY);
        assertThat(once.failingStreak()).isEqualTo(1);
        Health twice = after(once, 20, 1);
        assertThat(twice.status()).isEqualTo(Status.UNHEALTHY);
        assertThat(after(twice, 30, 0).status()).isEqualTo(Status.HEALTHY);
        assertThat(after(twice, 30, 0).failingStreak()).isZero();
    }

    @Test
    void theLatestFiveResultsAreKept() {
        Health health = HealthRule.first();
        for (int i = 0; i < 8; i++) {
            health = after(health, i, 0);
        }
        assertThat(health.log()).extracting(Health.Result::output).containsExactly("x3", "x4", "x5", "x6", "x7");
    }

    @Test
    void whileItStartsItIsCheckedMoreOften() {
        assertThat(HealthRule.pause(CHECK, HealthRule.first(), STARTED, STARTED.plusSeconds(59)))
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(HealthRule.pause(CHECK, HealthRule.first(), STARTED, STARTED.plusSeconds(60)))
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(HealthRule.pause(CHECK, after(HealthRule.first(), 1, 0), STARTED, STARTED.plusSeconds(2)))
                .isEqualTo(Duration.ofSeconds(30));
    }
}
