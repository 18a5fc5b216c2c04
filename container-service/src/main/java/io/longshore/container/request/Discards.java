package io.longshore.container.request;

import io.longshore.contracts.container.HostConfig;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Limits that a node's kernel cannot keep: as in Docker Engine they are dropped, inspect shows that they are not in force, and whoever
 * asked for them is told.
 */
final class Discards {
    private record Discard(String feature, List<String> fields, String warning) {}

    private static final List<Discard> ALL = List.of(
            new Discard(
                    "memoryLimit",
                    List.of("Memory"),
                    "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded."),
            new Discard(
                    "memorySwappiness",
                    List.of("MemorySwappiness"),
                    "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded."),
            new Discard(
                    "memoryReservation",
                    List.of("MemoryReservation"),
                    "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded."),
            new Discard(
                    "kernelMemory",
                    List.of("KernelMemory"),
                    "Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded."),
            new Discard(
                    "oomKillDisable",
                    List.of("OomKillDisable"),
                    "Your kernel does not support OomKillDisable. OomKillDisable discarded."),
            new Discard(
                    "pidsLimit",
                    List.of("PidsLimit"),
                    "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded."),
            new Discard(
                    "cpuShares",
                    List.of("CpuShares"),
                    "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded."),
            new Discard(
                    "cpuCfsQuota",
                    List.of("CpuPeriod", "CpuQuota"),
                    "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded."),
            new Discard(
                    "cpuset",
                    List.of("CpusetCpus", "CpusetMems"),
                    "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded."),
            new Discard("cpuPercent", List.of("CpuPercent"), "linux does not support CPU percent. Percent discarded."),
            new Discard(
                    "blkioWeight",
                    List.of("BlkioWeight"),
                    "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."),
            new Discard(
                    "blkioWeightDevice",
                    List.of("BlkioWeightDevice"),
                    "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded."),
            new Discard(
                    "blkioRates",
                    List.of("BlkioDeviceReadBps"),
                    "Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded."),
            new Discard(
                    "blkioRates",
                    List.of("BlkioDeviceWriteBps"),
                    "Your kernel does not support BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit discarded."),
            new Discard(
                    "blkioRates",
                    List.of("BlkioDeviceReadIOps"),
                    "Your kernel does not support IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit discarded."),
            new Discard(
                    "blkioRates",
                    List.of("BlkioDeviceWriteIOps"),
                    "Your kernel does not support IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded."));

    private static final String WITHOUT_SWAP =
            "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.";
    private static final String NO_KILLER =
            "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.";

    private Discards() {}

    /** The warnings for a request as the client sent it. */
    static List<String> warnings(@Nullable HostConfig asked, Collection<String> features) {
        return asked == null ? List.of() : apply(Json.mapper().valueToTree(asked), features);
    }

    /** Drops from a HostConfig what a node with these features cannot do; says so. */
    static List<String> apply(ObjectNode host, Collection<String> features) {
        List<String> warnings = new ArrayList<>();
        for (Discard discard : ALL) {
            if (!features.contains(discard.feature)) {
                List<String> asked = discard.fields.stream()
                        .filter(field -> isAsked(host.path(field)))
                        .toList();
                asked.forEach(field -> reset(host, field, HostDefaults.of(field)));
                if (!asked.isEmpty()) {
                    warnings.add(discard.warning);
                }
                if (asked.contains("Memory")) {
                    host.put("MemorySwap", -1);
                }
            }
        }
        boolean limited = host.path("Memory").asLong(0) > 0;
        if (limited && host.path("MemorySwap").asLong(0) != -1 && !features.contains("swapLimit")) {
            host.put("MemorySwap", -1);
            warnings.add(WITHOUT_SWAP);
        }
        if (!limited && host.path("OomKillDisable").asBoolean(false)) {
            warnings.add(NO_KILLER);
        }
        return warnings;
    }

    private static void reset(ObjectNode host, String field, @Nullable JsonNode value) {
        if (value == null) {
            host.putNull(field);
        } else {
            host.set(field, value);
        }
    }

    private static boolean isAsked(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> value.asLong(0) > 0;
            case STRING -> !value.asString("").isEmpty();
            case BOOLEAN -> value.asBoolean(false);
            case ARRAY -> !value.isEmpty();
            default -> false;
        };
    }
}
