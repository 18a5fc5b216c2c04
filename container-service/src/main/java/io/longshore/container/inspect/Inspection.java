package io.longshore.container.inspect;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.platform.engine.ApiVersion;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /containers/{id}/json}: computed from the request, the spec and the latest observation, and from the facts of the node that
 * hold for every container there.
 */
public final class Inspection {
    private static final String NEVER = "0001-01-01T00:00:00Z";
    /** RFC 3339 with as many digits of a second as are needed, as Go writes times. */
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("yyyy-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .appendLiteral('Z')
            .toFormatter(java.util.Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Inspection() {}

    /**
     * What is not in the row.
     *
     * @param execs the sessions that run, null for none
     * @param health the latest health, null for none
     */
    record Live(@Nullable List<String> execs, @Nullable Health health) {}

    /** The answer, ready for JSON. */
    static Map<String, @Nullable Object> of(ContainerRow row, NodeInfo node, Live live, ApiVersion version) {
        ContainerSpec spec = row.resolved();
        List<String> arguments = spec.process().arguments();
        String directory = node.dataRoot() + "/containers/" + row.id();
        boolean wasStarted = row.startedAt() != null;
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("Id", row.id().value());
        answer.put("Created", time(row.created()));
        answer.put("Path", arguments.getFirst());
        answer.put("Args", arguments.subList(1, arguments.size()));
        answer.put("State", state(row, live.health));
        answer.put("Image", row.image().value());
        answer.put("ResolvConfPath", wasStarted ? directory + "/resolv.conf" : "");
        answer.put("HostnamePath", wasStarted ? directory + "/hostname" : "");
        answer.put("HostsPath", wasStarted ? directory + "/hosts" : "");
        boolean logged = wasStarted && spec.log().driver().equals("json-file");
        answer.put("LogPath", logged ? directory + "/" + row.id() + "-json.log" : "");
        answer.put("Name", "/" + row.name());
        answer.put("RestartCount", row.observed() == null ? 0 : row.observed().restarts());
        answer.put("Driver", node.storageDriver());
        answer.put("Platform", "linux");
        answer.put("MountLabel", "");
        answer.put("ProcessLabel", "");
        answer.put("AppArmorProfile", appArmor(spec, node));
        answer.put("ExecIDs", live.execs);
        answer.put("HostConfig", row.hostConfig());
        answer.put("GraphDriver", graphDriver(node));
        answer.put("Mounts", mounts(row, node));
        answer.put("Config", row.config());
        answer.put("NetworkSettings", NetworkSettings.of(row, version));
        return answer;
    }

    private static String appArmor(ContainerSpec spec, NodeInfo node) {
        String asked = spec.security().appArmor();
        if (!node.hasAppArmor()) {
            return "";
        }
        return asked.equals("default") ? NodeInfo.APP_ARMOR_PROFILE : asked;
    }

    /** A time as the Engine API writes it; absent is Go's zero time. */
    public static String time(@Nullable Instant time) {
        return time == null ? NEVER : TIME.format(time);
    }

    private static Map<String, @Nullable Object> state(ContainerRow row, @Nullable Health health) {
        Observed observed = row.observed();
        boolean running = row.state().alive();
        boolean restarting = row.state() == ContainerState.RESTARTING;
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        state.put("Status", row.state().engineName());
        state.put("Running", running);
        state.put("Paused", row.state() == ContainerState.PAUSED);
        state.put("Restarting", restarting);
        state.put("OOMKilled", observed != null && observed.oomKilled());
        state.put("Dead", false);
        state.put("Pid", row.state().hasProcess() && observed != null ? observed.pid() : 0);
        state.put("ExitCode", running && !restarting ? 0 : row.exitCode());
        state.put("Error", observed == null ? "" : observed.error());
        state.put("StartedAt", time(row.startedAt()));
        state.put("FinishedAt", time(row.finishedAt()));
        if (row.spec() != null && row.spec().healthCheck() != null) {
            state.put("Health", HealthAnswer.of(health));
        }
        return state;
    }

    private static Map<String, @Nullable Object> graphDriver(NodeInfo node) {
        Map<String, @Nullable Object> driver = new LinkedHashMap<>();
        driver.put("Data", null);
        driver.put("Name", node.storageDriver());
        return driver;
    }

    /** What is mounted; what came by the option --tmpfs is in HostConfig.Tmpfs only. */
    public static List<Map<String, @Nullable Object>> mounts(ContainerRow row, NodeInfo node) {
        return MountAnswer.of(row, node);
    }
}
