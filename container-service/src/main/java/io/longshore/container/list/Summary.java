package io.longshore.container.list;

import io.longshore.container.inspect.Inspection;
import io.longshore.container.inspect.NetworkSettings;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.platform.engine.ApiVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One element of {@code GET /containers/json} (Engine API, ContainerSummary). */
final class Summary {
    private Summary() {}

    /**
     * One row.
     *
     * @param image what its image is called: the name it was made from, or the id when that name leads elsewhere now
     */
    static Map<String, @Nullable Object> of(
            ContainerRow row, String image, NodeInfo node, ApiVersion version, Instant now) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("Id", row.id().value());
        answer.put("Image", image);
        answer.put("ImageID", row.image().value());
        answer.put("Command", command(row.resolved().process().arguments()));
        answer.put("Created", row.created().getEpochSecond());
        answer.put("Ports", NetworkSettings.summary(row));
        answer.put("Labels", row.labels());
        answer.put("State", row.state().engineName());
        answer.put("Status", status(Listed.Times.of(row), now));
        answer.put(
                "HostConfig",
                Map.of(
                        "NetworkMode",
                        Objects.requireNonNullElse(row.hostConfig().networkMode(), "")));
        answer.put("NetworkSettings", Map.of("Networks", NetworkSettings.networks(row, version)));
        answer.put("Mounts", Inspection.mounts(row, node));
        return answer;
    }

    /** Arguments with a space or quote in them are quoted, so that the line can be read. */
    private static String command(List<String> arguments) {
        List<String> parts = new ArrayList<>();
        for (String argument : arguments) {
            boolean plain = argument.indexOf(' ') < 0 || parts.isEmpty();
            parts.add(plain ? argument : "'" + argument.replace("'", "'\\''") + "'");
        }
        return String.join(" ", parts);
    }

    static String status(Listed.Times row, Instant now) {
        return switch (row.head().state()) {
            case CREATING, CREATED -> "Created";
            case RUNNING -> "Up " + ago(row.startedAt(), now) + row.health();
            case PAUSED -> "Up " + ago(row.startedAt(), now) + " (Paused)";
            case RESTARTING -> "Restarting (" + row.exitCode() + ") " + ago(row.finishedAt(), now) + " ago";
            case EXITED -> "Exited (" + row.exitCode() + ") " + ago(row.finishedAt(), now) + " ago";
            case REMOVING -> "Removal In Progress";
        };
    }

    /** What its health adds to the status of one that runs. */
    static String health(ContainerRow row) {
        Health health = row.observed() == null ? null : row.observed().health();
        if (health == null) {
            return "";
        }
        return switch (health.status()) {
            case STARTING -> " (health: starting)";
            case HEALTHY -> " (healthy)";
            case UNHEALTHY -> " (unhealthy)";
        };
    }

    /** A time span in the words that {@code docker ps} has always used. */
    static String ago(@Nullable Instant then, Instant now) {
        long seconds =
                then == null ? 0 : Math.max(0, Duration.between(then, now).toSeconds());
        long minutes = seconds / 60;
        long hours = Math.round(seconds / 3600.0);
        if (seconds < 1) {
            return "Less than a second";
        }
        if (seconds == 1) {
            return "1 second";
        }
        if (seconds < 60) {
            return seconds + " seconds";
        }
        if (minutes == 1) {
            return "About a minute";
        }
        if (minutes < 60) {
            return minutes + " minutes";
        }
        if (hours == 1) {
            return "About an hour";
        }
        if (hours < 48) {
            return hours + " hours";
        }
        if (hours < 24 * 7 * 2) {
            return hours / 24 + " days";
        }
        if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks";
        }
        return hours < 24 * 365 * 2 ? hours / 24 / 30 + " months" : hours / 24 / 365 + " years";
    }
}
