package io.longshore.agent.health;

import io.longshore.contracts.agent.ContainerSpec.HealthCheck;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Health.Result;
import io.longshore.contracts.agent.Health.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a result makes of a container's health, as Docker has it: a success makes it healthy, so many failures in a row unhealthy; failures
 * while it starts do not count. Pure.
 */
public final class HealthRule {
    private static final int KEPT = 5;

    private HealthRule() {}

    /** Before the first check. */
    public static Health first() {
        return new Health(Status.STARTING, 0, List.of());
    }

    /** @param startedAt when the container's process was started */
    public static Health after(HealthCheck check, Health before, Result result, Instant startedAt) {
        List<Result> log = new ArrayList<>(before.log());
        log.add(result);
        List<Result> latest = log.subList(Math.max(0, log.size() - KEPT), log.size());
        if (result.exitCode() == 0) {
            return new Health(Status.HEALTHY, 0, latest);
        }
        boolean starts = before.status() == Status.STARTING
                && Duration.between(startedAt, result.start()).compareTo(check.startPeriod()) < 0;
        if (starts) {
            return new Health(Status.STARTING, before.failingStreak(), latest);
        }
        int streak = before.failingStreak() + 1;
        return new Health(streak >= check.retries() ? Status.UNHEALTHY : before.status(), streak, latest);
    }

    /** How long after the end of a check, or after the start, the next one begins. */
    public static Duration pause(HealthCheck check, Health now, Instant startedAt, Instant at) {
        boolean starts = now.status() == Status.STARTING
                && Duration.between(startedAt, at).compareTo(check.startPeriod()) < 0;
        return starts ? check.startInterval() : check.interval();
    }
}
