package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/**
 * A container that ends by itself and that its restart policy starts again. Each run writes a line, so that the log shows how many there
 * were: exactly as many as are counted.
 */
final class RestartLife extends Life {
    private static final int CODE = 5;

    private enum Policy {
        ON_FAILURE,
        ALWAYS,
        UNLESS_STOPPED
    }

    private enum Known {
        CREATED,
        STARTING,
        STARTED,
        STOPPING,
        STOPPED
    }

    private final Policy policy;
    private final int retries;
    private Known known = Known.CREATED;
    /** How many runs there were when it was stopped: a start that Longshore makes of what was stopped begins a new count, as Docker's does. */
    private int earlier;
    /** Whether a crash came into its stop, so that nobody knows at which run a new count began, if one did. */
    private boolean cutOff;

    RestartLife(Random random) {
        policy = Policy.values()[random.nextInt(Policy.values().length)];
        retries = policy == Policy.ON_FAILURE ? 1 + random.nextInt(3) : 0;
    }

    @Override
    String known() {
        return "with the policy " + policy + " " + retries + ", known as " + known;
    }

    @Override
    String body() {
        String name = policy.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        return body(
                "",
                "\"RestartPolicy\":{\"Name\":\"" + name + "\",\"MaximumRetryCount\":" + retries + "},",
                "sh",
                "-c",
                "echo run; usleep 50000; exit " + CODE);
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        known = Known.STARTING;
        start(http);
        known = Known.STARTED;
        int awaited = policy == Policy.ON_FAILURE ? retries : random.nextInt(4);
        await(http, inspected -> inspected.path("RestartCount").asInt() >= awaited);
        if (policy == Policy.ON_FAILURE) {
            await(http, inspected -> status(inspected).equals("exited"));
        } else if (random.nextInt(3) > 0) {
            known = Known.STOPPING;
            stop(http);
            earlier = logLines(http).size();
            known = Known.STOPPED;
        }
    }

    @Override
    void check(Longshore longshore, String what) {
        String status = status(inspect(longshore));
        boolean undecided = known == Known.STARTING && status.equals("created");
        if (known == Known.CREATED || undecided) {
            assertThat(status).as(what).isEqualTo("created");
            assertThat(logLines(longshore, id())).as("log of %s", what).isEmpty();
            known = Known.CREATED;
        } else if (policy == Policy.ON_FAILURE) {
            known = Known.STARTED;
            endsAfterItsRetries(longshore, what);
        } else if (known == Known.STOPPED) {
            staysStopped(longshore, what);
        } else {
            cutOff |= known == Known.STOPPING && policy == Policy.ALWAYS;
            known = known == Known.STOPPING && status.equals("exited") ? Known.STOPPED : Known.STARTED;
            goesOn(longshore, what);
        }
    }

    private void endsAfterItsRetries(Longshore longshore, String what) {
        JsonNode ended =
                await(longshore, answer -> status(answer).equals("exited")).json();
        assertThat(status(ended)).as(what).isEqualTo("exited");
        assertThat(ended.path("State").path("ExitCode").asInt())
                .as("exit code of %s", what)
                .isEqualTo(CODE);
        assertThat(ended.path("RestartCount").asInt())
                .as("restarts of %s", what)
                .isEqualTo(retries);
        assertThat(logLines(longshore, id())).as("runs of %s", what).isEqualTo(Collections.nCopies(retries + 1, "run"));
    }

    /** Docker starts one that is to run always when it begins, even if it was stopped. */
    private void staysStopped(Longshore longshore, String what) {
        if (policy == Policy.ALWAYS) {
            var begun =
                    await(longshore, answer -> List.of("running", "restarting").contains(status(answer)));
            assertThat(status(begun)).as(what).isIn("running", "restarting");
            counts(longshore, earlier, what);
        } else {
            assertThat(status(inspect(longshore))).as(what).isEqualTo("exited");
            counts(longshore, 0, what);
        }
    }

    private void goesOn(Longshore longshore, String what) {
        if (known == Known.STARTED) {
            assertThat(status(inspect(longshore))).as(what).isIn("running", "restarting");
        }
        counts(longshore, 0, what);
    }

    /** A run writes its line a moment after it is counted, and the next one is counted a moment before it begins. */
    private void counts(Longshore longshore, int others, String what) {
        int before = inspect(longshore).path("RestartCount").asInt();
        List<String> lines = logLines(longshore, id());
        int after = inspect(longshore).path("RestartCount").asInt();
        assertThat(lines).as("log of %s", what).containsOnly("run");
        int counted = lines.size() - others;
        assertThat(counted).as("runs of %s", what).isGreaterThanOrEqualTo(before);
        if (!cutOff) {
            assertThat(counted).as("runs of %s", what).isLessThanOrEqualTo(after + 1);
        }
    }
}
