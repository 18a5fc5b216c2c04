package io.longshore.container.inspect;

import io.longshore.contracts.agent.Health;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code State.Health} of a container that has a health check (Engine API, Health). */
final class HealthAnswer {
    private HealthAnswer() {}

    /** @param health null before the container was started for the first time */
    static Map<String, @Nullable Object> of(@Nullable Health health) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put(
                "Status", health == null ? "starting" : health.status().name().toLowerCase(Locale.ROOT));
        answer.put("FailingStreak", health == null ? 0 : health.failingStreak());
        List<Health.Result> log = health == null ? List.of() : health.log();
        answer.put("Log", log.stream().map(HealthAnswer::result).toList());
        return answer;
    }

    private static Map<String, @Nullable Object> result(Health.Result result) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("Start", Inspection.time(result.start()));
        answer.put("End", Inspection.time(result.end()));
        answer.put("ExitCode", result.exitCode());
        answer.put("Output", result.output());
        return answer;
    }
}
