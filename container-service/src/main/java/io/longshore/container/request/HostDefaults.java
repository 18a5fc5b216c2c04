package io.longshore.container.request;

import io.longshore.platform.web.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What HostConfig has where the client says nothing (Engine API, HostConfig): lists are null then, as Go writes them. */
final class HostDefaults {
    private static final JsonMapper JSON = Json.mapper();

    private static final ObjectNode DEFAULTS = (ObjectNode) JSON.readTree("""
            {"ContainerIDFile": "", "LogConfig": {"Type": "json-file", "Config": {}}, "PortBindings": null,
             "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}, "AutoRemove": false, "VolumeDriver": "",
             "ConsoleSize": [0, 0], "Dns": null, "DnsOptions": null, "DnsSearch": null, "Cgroup": "", "OomScoreAdj": 0,
             "PidMode": "", "Privileged": false, "PublishAllPorts": false, "ReadonlyRootfs": false, "UTSMode": "",
             "UsernsMode": "", "Isolation": "", "CpuShares": 0, "Memory": 0, "NanoCpus": 0, "CgroupParent": "",
             "BlkioWeight": 0, "BlkioWeightDevice": null, "BlkioDeviceReadBps": null, "BlkioDeviceWriteBps": null,
             "BlkioDeviceReadIOps": null, "BlkioDeviceWriteIOps": null, "CpuPeriod": 0, "CpuQuota": 0,
             "CpuRealtimePeriod": 0, "CpuRealtimeRuntime": 0, "CpusetCpus": "", "CpusetMems": "", "Devices": null,
             "MemoryReservation": 0, "MemorySwap": 0, "OomKillDisable": false, "Ulimits": null, "CpuCount": 0,
             "CpuPercent": 0, "IOMaximumIOps": 0, "IOMaximumBandwidth": 0}
            """);

    /** Paths that tell of, or reach, the machine. Hidden and write-protected unless the container is privileged or says otherwise. */
    private static final ObjectNode PATH_LISTS = (ObjectNode) JSON.readTree("""
            {"MaskedPaths": ["/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys",
              "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
              "/sys/firmware", "/sys/devices/virtual/powercap"],
             "ReadonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]}
            """);

    private HostDefaults() {}

    /** Sets what a request's HostConfig does not have. */
    static void fill(ObjectNode host) {
        DEFAULTS.properties().forEach(field -> {
            if (!host.hasNonNull(field.getKey())) {
                host.set(field.getKey(), own(field.getValue()));
            }
        });
    }

    /** A field's value where the client says nothing; null if that is to leave it out. */
    static @Nullable JsonNode of(String field) {
        JsonNode value = DEFAULTS.get(field);
        return value == null ? null : own(value);
    }

    /** Lists and objects are copied, since who gets them may change them. */
    private static JsonNode own(JsonNode value) {
        return value.isContainer() ? value.deepCopy() : value;
    }

    /** MaskedPaths and ReadonlyPaths of a container that is not privileged. */
    static ObjectNode pathLists() {
        return PATH_LISTS.deepCopy();
    }
}
