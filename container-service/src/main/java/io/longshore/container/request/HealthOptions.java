package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec.HealthCheck;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.Healthcheck;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code Healthcheck} of a request and of an image (Engine API, HealthConfig). */
final class HealthOptions {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration START_INTERVAL = Duration.ofSeconds(5);
    private static final int RETRIES = 3;
    private static final long SHORTEST = 1_000_000L;
    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    private HealthOptions() {}

    /** {@link Failure.Invalid} in Docker's words. */
    static void check(@Nullable Healthcheck asked) {
        if (asked == null) {
            return;
        }
        time("Interval", asked.interval());
        time("Timeout", asked.timeout());
        time("StartPeriod", asked.startPeriod());
        time("StartInterval", asked.startInterval());
        if (asked.retries() != null && asked.retries() < 0) {
            throw new Failure.Invalid("Retries in Healthcheck cannot be negative");
        }
    }

    private static void time(String field, @Nullable Long nanoseconds) {
        if (nanoseconds != null && nanoseconds != 0 && nanoseconds < SHORTEST) {
            throw new Failure.Invalid(field + " in Healthcheck cannot be less than 1ms");
        }
    }

    /** What the request leaves out is the image's. */
    static @Nullable Healthcheck merged(@Nullable Healthcheck asked, @Nullable Healthcheck image) {
        if (asked == null || image == null) {
            return asked == null ? image : asked;
        }
        List<String> test = asked.test();
        return new Healthcheck(
                test == null || test.isEmpty() ? image.test() : test,
                set(asked.interval(), image.interval()),
                set(asked.timeout(), image.timeout()),
                asked.retries() == null || asked.retries() == 0 ? image.retries() : asked.retries(),
                set(asked.startPeriod(), image.startPeriod()),
                set(asked.startInterval(), image.startInterval()));
    }

    private static @Nullable Long set(@Nullable Long asked, @Nullable Long image) {
        return asked == null || asked == 0 ? image : asked;
    }

    /** What the agent is told; null when there is nothing to execute, or by a way that nobody knows. */
    static @Nullable HealthCheck of(ContainerConfig config) {
        Healthcheck asked = config.healthcheck();
        List<String> test = asked == null || asked.test() == null ? List.of() : asked.test();
        if (asked == null || test.size() < 2) {
            return null;
        }
        List<String> arguments = new ArrayList<>();
        switch (test.getFirst()) {
            case "CMD" -> arguments.addAll(test.subList(1, test.size()));
            case "CMD-SHELL" -> {
                List<String> shell = config.shell();
                arguments.addAll(shell == null || shell.isEmpty() ? SHELL : shell);
                arguments.addAll(test.subList(1, test.size()));
            }
            default -> {
                return null;
            }
        }
        return new HealthCheck(
                arguments,
                duration(asked.interval(), INTERVAL),
                duration(asked.timeout(), TIMEOUT),
                duration(asked.startPeriod(), Duration.ZERO),
                duration(asked.startInterval(), START_INTERVAL),
                asked.retries() == null || asked.retries() == 0 ? RETRIES : asked.retries());
    }

    private static Duration duration(@Nullable Long nanoseconds, Duration otherwise) {
        return nanoseconds == null || nanoseconds == 0 ? otherwise : Duration.ofNanos(nanoseconds);
    }
}
