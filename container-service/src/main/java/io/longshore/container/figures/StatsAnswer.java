package io.longshore.container.figures;

import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.agent.Sample.Cpu;
import io.longshore.contracts.agent.Sample.Entry;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One object of {@code GET /containers/{id}/stats} (Engine API, ContainerStatsResponse). It is the same in all served versions; what differs
 * comes from the version of cgroups. Fields of Windows are there where Docker Engine has them on Linux.
 */
final class StatsAnswer {
    /** What Docker Engine writes for a time that never was. */
    private static final String NEVER = "0001-01-01T00:00:00Z";

    /** Largest number of 64 bits without a sign: no limit. */
    private static final BigInteger NO_LIMIT = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private StatsAnswer() {}

    /**
     * The object.
     *
     * @param now null for a container that does not run
     * @param before what was told last, null at the beginning
     */
    static Map<String, @Nullable Object> of(String id, String name, @Nullable Sample now, @Nullable Sample before) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("read", now == null ? NEVER : now.read().toString());
        answer.put("preread", before == null ? NEVER : before.read().toString());
        answer.put("pids_stats", now == null ? Map.of() : pids(now.pids()));
        answer.put("blkio_stats", block(now));
        answer.put("num_procs", 0);
        answer.put("storage_stats", Map.of());
        answer.put("cpu_stats", cpu(now == null ? null : now.cpu()));
        answer.put("precpu_stats", cpu(before == null ? null : before.cpu()));
        answer.put("memory_stats", now == null ? Map.of() : memory(now.memory()));
        answer.put("name", "/" + name);
        answer.put("id", id);
        if (now != null && !now.networks().isEmpty()) {
            answer.put("networks", networks(now.networks()));
        }
        return answer;
    }

    private static Map<String, Object> pids(Sample.Pids pids) {
        Map<String, Object> fields = new LinkedHashMap<>();
        putUnlessZero(fields, "current", pids.current());
        if (pids.limit() < 0) {
            fields.put("limit", NO_LIMIT);
        } else {
            putUnlessZero(fields, "limit", pids.limit());
        }
        return fields;
    }

    private static Map<String, @Nullable Object> block(@Nullable Sample sample) {
        Sample.Block block =
                sample == null ? new Sample.Block(null, null, null, null, null, null, null, null) : sample.block();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("io_service_bytes_recursive", entries(block.bytes()));
        fields.put("io_serviced_recursive", entries(block.operations()));
        fields.put("io_queue_recursive", entries(block.queued()));
        fields.put("io_service_time_recursive", entries(block.serviceTime()));
        fields.put("io_wait_time_recursive", entries(block.waitTime()));
        fields.put("io_merged_recursive", entries(block.merged()));
        fields.put("io_time_recursive", entries(block.time()));
        fields.put("sectors_recursive", entries(block.sectors()));
        return fields;
    }

    private static @Nullable List<Map<String, Object>> entries(@Nullable List<Entry> entries) {
        return entries == null
                ? null
                : entries.stream()
                        .map(entry -> {
                            Map<String, Object> fields = new LinkedHashMap<>();
                            fields.put("major", entry.major());
                            fields.put("minor", entry.minor());
                            fields.put("op", entry.operation());
                            fields.put("value", entry.value());
                            return fields;
                        })
                        .toList();
    }

    private static Map<String, Object> cpu(@Nullable Cpu known) {
        Cpu cpu = known == null ? new Cpu(0, null, 0, 0, 0, 0, 0, 0, 0) : known;
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("total_usage", cpu.total());
        if (cpu.perCpu() != null) {
            usage.put("percpu_usage", cpu.perCpu());
        }
        usage.put("usage_in_kernelmode", cpu.kernel());
        usage.put("usage_in_usermode", cpu.user());
        Map<String, Object> throttling = new LinkedHashMap<>();
        throttling.put("periods", cpu.periods());
        throttling.put("throttled_periods", cpu.throttledPeriods());
        throttling.put("throttled_time", cpu.throttled());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cpu_usage", usage);
        putUnlessZero(fields, "system_cpu_usage", cpu.system());
        putUnlessZero(fields, "online_cpus", cpu.online());
        fields.put("throttling_data", throttling);
        return fields;
    }

    private static Map<String, Object> memory(Sample.Memory memory) {
        Map<String, Object> fields = new LinkedHashMap<>();
        putUnlessZero(fields, "usage", memory.usage());
        putUnlessZero(fields, "max_usage", memory.peak() == null ? 0 : memory.peak());
        fields.put("stats", new TreeMap<>(memory.details()));
        putUnlessZero(fields, "failcnt", memory.failures());
        putUnlessZero(fields, "limit", memory.limit());
        return fields;
    }

    private static Map<String, Object> networks(Map<String, Sample.Interface> networks) {
        Map<String, Object> all = new TreeMap<>();
        networks.forEach((name, counters) -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("rx_bytes", counters.receivedBytes());
            fields.put("rx_packets", counters.receivedPackets());
            fields.put("rx_errors", counters.receiveErrors());
            fields.put("rx_dropped", counters.receiveDrops());
            fields.put("tx_bytes", counters.sentBytes());
            fields.put("tx_packets", counters.sentPackets());
            fields.put("tx_errors", counters.sendErrors());
            fields.put("tx_dropped", counters.sendDrops());
            all.put(name, fields);
        });
        return all;
    }

    /** As in Docker Engine. */
    private static void putUnlessZero(Map<String, Object> fields, String name, long value) {
        if (value != 0) {
            fields.put(name, value);
        }
    }
}
