package io.longshore.agent.cgroup.usage;

import io.longshore.contracts.agent.Sample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Memory. Clients get the names that Docker Engine has for each version, a zero where this kernel has no such account. */
final class MemoryMeter implements Meter<MemoryMeter.Usage> {
    /** Of version 1, each also with {@code total_} before it: the cgroup with those below it. */
    private static final List<String> V1_KEYS = List.of(
            "cache",
            "rss",
            "rss_huge",
            "mapped_file",
            "dirty",
            "writeback",
            "pgpgin",
            "pgpgout",
            "pgfault",
            "pgmajfault",
            "inactive_anon",
            "active_anon",
            "inactive_file",
            "active_file",
            "unevictable");

    private static final List<String> V1_LIMITS = List.of("hierarchical_memory_limit", "hierarchical_memsw_limit");

    private static final List<String> V2_KEYS = List.of(
            "anon",
            "file",
            "kernel_stack",
            "slab",
            "sock",
            "shmem",
            "file_mapped",
            "file_dirty",
            "file_writeback",
            "anon_thp",
            "inactive_anon",
            "active_anon",
            "inactive_file",
            "active_file",
            "unevictable",
            "slab_reclaimable",
            "slab_unreclaimable",
            "pgfault",
            "pgmajfault",
            "workingset_nodereclaim",
            "pgrefill",
            "pgscan",
            "pgsteal",
            "pgactivate",
            "pgdeactivate",
            "pglazyfree",
            "pglazyfreed",
            "thp_fault_alloc",
            "thp_collapse_alloc");

    /** Kernels since 5.9 split these into {@code _anon} and {@code _file}. */
    private static final List<String> V2_SPLIT = List.of("workingset_refault", "workingset_activate");

    /** As {@link Sample.Memory}; a limit of null is none. */
    record Usage(
            long usage,
            @Nullable Long peak,
            long failures,
            @Nullable Long limit,
            Map<String, Long> details) {
        Sample.Memory on(MachineUsage machine) {
            long all = machine.memoryBytes();
            long most = limit == null || (all > 0 && limit > all) ? all : limit;
            return new Sample.Memory(usage, peak, failures, most, details);
        }
    }

    @Override
    public String v1Name() {
        return "memory";
    }

    @Override
    public String v2Name() {
        return "memory";
    }

    @Override
    public Usage v1(CgroupFiles files) {
        Map<String, Long> stat = CgroupFiles.pairs(files.v1("memory", "memory.stat"));
        Map<String, Long> details = new HashMap<>();
        for (String key : V1_KEYS) {
            details.put(key, stat.getOrDefault(key, 0L));
            details.put("total_" + key, stat.getOrDefault("total_" + key, 0L));
        }
        V1_LIMITS.forEach(key -> details.put(key, stat.getOrDefault(key, 0L)));
        return new Usage(
                CgroupFiles.numberOrZero(files.v1("memory", "memory.usage_in_bytes")),
                CgroupFiles.numberOrZero(files.v1("memory", "memory.max_usage_in_bytes")),
                CgroupFiles.numberOrZero(files.v1("memory", "memory.failcnt")),
                CgroupFiles.number(files.v1("memory", "memory.limit_in_bytes")),
                details);
    }

    @Override
    public Usage v2(CgroupFiles files) {
        Map<String, Long> stat = CgroupFiles.pairs(files.v2("memory.stat"));
        Map<String, Long> details = new HashMap<>();
        V2_KEYS.forEach(key -> details.put(key, stat.getOrDefault(key, 0L)));
        for (String key : V2_SPLIT) {
            long sum = stat.getOrDefault(key + "_anon", 0L) + stat.getOrDefault(key + "_file", 0L);
            details.put(key, stat.getOrDefault(key, sum));
        }
        return new Usage(
                CgroupFiles.numberOrZero(files.v2("memory.current")),
                null,
                CgroupFiles.pairs(files.v2("memory.events")).getOrDefault("oom", 0L),
                CgroupFiles.number(files.v2("memory.max")),
                details);
    }
}
