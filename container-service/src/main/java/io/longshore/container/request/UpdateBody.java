package io.longshore.container.request;

import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.platform.web.ClientJson;
import io.longshore.platform.web.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of {@code POST /containers/{id}/update}: fields of HostConfig that may change of a container that is there. One that is missing,
 * zero or empty stays as it is, but for the number of processes.
 */
public final class UpdateBody {
    private static final List<String> LIMITS = List.of(
            "BlkioWeight",
            "CpuShares",
            "CpuPeriod",
            "CpuQuota",
            "CpuRealtimePeriod",
            "CpuRealtimeRuntime",
            "CpusetCpus",
            "CpusetMems",
            "Memory",
            "MemoryReservation",
            "MemorySwap",
            "NanoCpus");

    /** The only one of which 0 means something: no limit, as does every number below. */
    private static final String PIDS_LIMIT = "PidsLimit";

    private UpdateBody() {}

    /** Reads a body; {@link Failure.Invalid} says what is wrong with it. */
    public static HostConfig parse(byte[] body) {
        return ClientJson.object(body, HostConfig.class);
    }

    /**
     * The container's host configuration with the changes.
     *
     * @param warnings what of the changes the node cannot keep, and is not in it
     */
    public record Applied(HostConfig host, List<String> warnings) {}

    /**
     * The container's host configuration with the changes; {@link Failure.Conflict} when they contradict what is set already, {@link
     * Failure.Invalid} when they are no limits.
     */
    public static Applied applied(HostConfig before, HostConfig changes, NodeInfo node) {
        ObjectNode wanted = Json.mapper().valueToTree(changes);
        List<String> warnings = Discards.apply(wanted, node.features());
        requireCompatible(before, Json.mapper().treeToValue(wanted, HostConfig.class));
        ObjectNode host = Json.mapper().valueToTree(before);
        for (String limit : LIMITS) {
            JsonNode value = wanted.path(limit);
            if (isSet(value)) {
                host.set(limit, value);
            }
        }
        JsonNode processes = wanted.path(PIDS_LIMIT);
        if (processes.isNumber()) {
            host.put(PIDS_LIMIT, Math.max(processes.asLong(), 0));
        }
        if (restarts(changes)) {
            host.set("RestartPolicy", wanted.path("RestartPolicy"));
        }
        HostConfig after = Json.mapper().treeToValue(host, HostConfig.class);
        ResourceCheck.check(after);
        ResourceCheck.checkFits(after, node);
        RestartOptions.parse(after.restartPolicy());
        return new Applied(after, warnings);
    }

    private static boolean isSet(JsonNode value) {
        return value.isNumber()
                ? value.asLong() != 0
                : value.isString() && !value.asString().isEmpty();
    }

    private static boolean restarts(HostConfig changes) {
        HostConfig.RestartPolicy policy = changes.restartPolicy();
        return policy != null && policy.name() != null && !policy.name().isEmpty();
    }

    private static void requireCompatible(HostConfig before, HostConfig changes) {
        if (of(changes.nanoCpus()) > 0 && of(before.cpuPeriod()) > 0) {
            throw conflict("NanoCPUs", "CPU Period");
        }
        if (of(changes.nanoCpus()) > 0 && of(before.cpuQuota()) > 0) {
            throw conflict("NanoCPUs", "CPU Quota");
        }
        if (of(changes.cpuPeriod()) > 0 && of(before.nanoCpus()) > 0) {
            throw conflict("CPU Period", "NanoCPUs");
        }
        if (of(changes.cpuQuota()) > 0 && of(before.nanoCpus()) > 0) {
            throw conflict("CPU Quota", "NanoCPUs");
        }
        long swap = of(before.memorySwap());
        if (of(changes.memory()) != 0 && of(changes.memorySwap()) == 0 && swap >= 0 && of(changes.memory()) > swap) {
            throw new Failure.Conflict("Memory limit should be smaller than already set memoryswap limit, update the"
                    + " memoryswap at the same time");
        }
        if (restarts(changes) && Boolean.TRUE.equals(before.autoRemove())) {
            throw new Failure.Conflict(
                    "Restart policy cannot be updated because AutoRemove is enabled for the container");
        }
    }

    private static Failure.Conflict conflict(String wanted, String set) {
        return new Failure.Conflict(
                "Conflicting options: " + wanted + " cannot be updated as " + set + " has already been set");
    }

    private static long of(@Nullable Long value) {
        return value == null ? 0 : value;
    }
}
