package io.longshore.container.request;

import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.platform.web.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of {@code POST /containers/{id}/update}: fields of HostConfig that may change of a container that is there. One that is missing,
 * zero or empty stays as it is.
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
            "NanoCpus",
            "PidsLimit");

    private UpdateBody() {}

    /** Reads a body; {@link Failure.Invalid} says what is wrong with it. */
    public static HostConfig parse(byte[] body) {
        if (body.length == 0) {
            throw new Failure.Invalid("invalid JSON: got EOF while reading request body");
        }
        try {
            JsonNode tree = Json.mapper().readTree(body);
            if (!(tree instanceof ObjectNode)) {
                throw new Failure.Invalid("invalid JSON: the body must be an object, got " + tree.getNodeType());
            }
            ClientJson.checkText("", tree);
            return ClientJson.value(tree, HostConfig.class);
        } catch (JacksonException e) {
            throw new Failure.Invalid("invalid JSON: " + Json.problem(e), e);
        }
    }

    /**
     * The container's host configuration with the changes; {@link Failure.Conflict} when they contradict what is set already, {@link
     * Failure.Invalid} when they are no limits.
     */
    public static HostConfig applied(HostConfig before, HostConfig changes, NodeInfo node) {
        requireCompatible(before, changes);
        ObjectNode host = Json.mapper().valueToTree(before);
        Map<String, JsonNode> wanted =
                new TreeMap<>(Json.mapper().<ObjectNode>valueToTree(changes).properties().stream()
                        .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        for (String limit : LIMITS) {
            JsonNode value = wanted.get(limit);
            if (value != null && isSet(value)) {
                host.set(limit, value);
            }
        }
        if (restarts(changes)) {
            host.set("RestartPolicy", wanted.get("RestartPolicy"));
        }
        HostConfig after = Json.mapper().treeToValue(host, HostConfig.class);
        ResourceCheck.check(after);
        ResourceCheck.checkFits(after, node);
        RestartOptions.parse(after.restartPolicy());
        return after;
    }

    private static boolean isSet(JsonNode value) {
        return value.isNumber()
                ? value.asLong() != 0
                : !value.isNull() && !value.asString("").isEmpty();
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
