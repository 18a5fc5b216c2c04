package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** A container with a health check, which may be made ill. Its status outlives the crash, and it is checked again after it. */
final class HealthLife extends Life {
    private final Path socket;
    private boolean started;
    /** Empty while it changes. */
    private String health = "";

    HealthLife(Path socket) {
        this.socket = socket;
    }

    @Override
    String known() {
        return "whose health is " + (health.isEmpty() ? "not known" : health);
    }

    @Override
    String body() {
        return body(
                "\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"test ! -e /tmp/ill\"],\"Interval\":1000000000,\"Retries\":1,"
                        + "\"Timeout\":20000000000},",
                "",
                "sleep",
                "3600");
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        start(http);
        started = true;
        becomes(http, "healthy");
        if (random.nextBoolean()) {
            health = "";
            try (UnixHttp own = UnixHttp.connect(socket)) {
                output(own, session(http, "touch /tmp/ill"));
            }
            becomes(http, "unhealthy");
        }
    }

    private void becomes(UnixHttp http, String status) throws IOException {
        await(http, inspected -> health(inspected).path("Status").asString().equals(status));
        health = status;
    }

    private static JsonNode health(JsonNode inspected) {
        return inspected.path("State").path("Health");
    }

    @Override
    void check(Longshore longshore, String what) {
        if (!started) {
            return;
        }
        JsonNode now = health(inspect(longshore));
        if (!health.isEmpty()) {
            assertThat(now.path("Status").asString()).as(what).isEqualTo(health);
        }
        Instant since = Instant.now();
        Response later = await(longshore, answer -> checkedSince(answer.json(), since));
        assertThat(checkedSince(later.json(), since))
                .as("%s, checked since %s: %s", what, since, later.text())
                .isTrue();
        String status = health(later.json()).path("Status").asString();
        assertThat(status).as(what).isIn("healthy", "unhealthy");
        if (!health.isEmpty()) {
            assertThat(status).as(what).isEqualTo(health);
        }
        health = status;
    }

    private static boolean checkedSince(JsonNode inspected, Instant since) {
        for (JsonNode result : health(inspected).path("Log")) {
            if (Instant.parse(result.path("Start").asString()).isAfter(since)) {
                return true;
            }
        }
        return false;
    }
}
