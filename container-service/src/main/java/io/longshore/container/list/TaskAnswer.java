package io.longshore.container.list;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.container.inspect.NetworkSettings;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A container as a task on its node (Engine API, Task). Its service is nothing but its name, since {@code docker node ps} shows that and the
 * slot instead of a name.
 */
record TaskAnswer(
        @JsonProperty("ID") String id,
        @JsonProperty("Version") Map<String, Long> version,
        @JsonProperty("CreatedAt") String createdAt,
        @JsonProperty("UpdatedAt") String updatedAt,
        @JsonProperty("Name") String name,
        @JsonProperty("Labels") Map<String, String> labels,
        @JsonProperty("Spec") Map<String, Object> spec,
        @JsonProperty("ServiceID") String serviceId,
        @JsonProperty("Slot") int slot,
        @JsonProperty("NodeID") String nodeId,
        @JsonProperty("Status") Status status,
        @JsonProperty("DesiredState") String desiredState) {

    record Status(
            @JsonProperty("Timestamp") String timestamp,
            @JsonProperty("State") String state,
            @JsonProperty("Message") String message,
            @JsonProperty("Err") String error,
            @JsonProperty("ContainerStatus") ContainerStatus container,
            @JsonProperty("PortStatus") PortStatus ports) {}

    record ContainerStatus(
            @JsonProperty("ContainerID") String id,
            @JsonProperty("PID") int pid,
            @JsonProperty("ExitCode") int exitCode) {}

    record PortStatus(@JsonProperty("Ports") List<Map<String, Object>> ports) {}

    /**
     * A container.
     *
     * @param stays why it stays on a node that is being drained, else empty
     */
    static TaskAnswer of(ContainerRow row, String stays) {
        Instant changed = changed(row);
        return new TaskAnswer(
                row.id().value(),
                Map.of("Index", row.version()),
                row.created().toString(),
                changed.toString(),
                row.name(),
                row.labels(),
                Map.of(
                        "ContainerSpec",
                        Map.of("Image", Objects.requireNonNullElse(row.config().image(), ""), "Labels", row.labels())),
                row.name(),
                1,
                row.node().value(),
                new Status(
                        changed.toString(),
                        state(row),
                        row.state().engineName(),
                        error(row, stays),
                        new ContainerStatus(
                                row.id().value(),
                                row.observed() == null ? 0 : row.observed().pid(),
                                row.exitCode()),
                        new PortStatus(NetworkSettings.summary(row).stream()
                                .filter(port -> port.containsKey("PublicPort"))
                                .map(TaskAnswer::port)
                                .toList())),
                desired(row.state()));
    }

    private static String error(ContainerRow row, String stays) {
        String own = row.observed() == null ? "" : row.observed().error();
        return stays.isEmpty() ? own : "stays: " + stays + (own.isEmpty() ? "" : "; " + own);
    }

    private static Instant changed(ContainerRow row) {
        Instant last = row.state().alive() ? row.startedAt() : row.finishedAt();
        return last == null ? row.created() : last;
    }

    private static Map<String, Object> port(Map<String, Object> port) {
        return Map.of(
                "Protocol", port.get("Type"),
                "TargetPort", port.get("PrivatePort"),
                "PublishedPort", port.get("PublicPort"),
                "PublishMode", "host");
    }

    private static String state(ContainerRow row) {
        return switch (row.state()) {
            case CREATING, CREATED -> "ready";
            case RUNNING, PAUSED -> "running";
            case RESTARTING -> "starting";
            case EXITED -> row.exitCode() == 0 ? "complete" : "failed";
            case REMOVING -> "remove";
        };
    }

    private static String desired(ContainerState state) {
        return switch (state) {
            case CREATING, CREATED -> "accepted";
            case RUNNING, PAUSED, RESTARTING -> "running";
            case EXITED, REMOVING -> "shutdown";
        };
    }
}
