package io.longshore.agent.cgroup;

import io.longshore.contracts.agent.ContainerSpec.Resources;
import java.util.ArrayList;
import java.util.List;

/** Shares, quota per period, and in version 1 the time of real-time tasks. */
final class CpuController implements Controller, Changing {
    private static final long DEFAULT_PERIOD = 100_000;

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public List<CgroupWrite> v1(CgroupLimits limits) {
        Resources wanted = limits.resources();
        List<CgroupWrite> writes = new ArrayList<>();
        if (wanted.cpuShares() > 0) {
            writes.add(CgroupWrite.of("cpu.shares", wanted.cpuShares()));
        }
        if (wanted.cpuPeriod() > 0) {
            writes.add(CgroupWrite.of("cpu.cfs_period_us", wanted.cpuPeriod()));
        }
        if (wanted.cpuQuota() > 0) {
            writes.add(CgroupWrite.of("cpu.cfs_quota_us", wanted.cpuQuota()));
        }
        if (wanted.cpuRealtimePeriod() > 0) {
            writes.add(CgroupWrite.of("cpu.rt_period_us", wanted.cpuRealtimePeriod()));
        }
        if (wanted.cpuRealtimeRuntime() > 0) {
            writes.add(CgroupWrite.of("cpu.rt_runtime_us", wanted.cpuRealtimeRuntime()));
        }
        return writes;
    }

    @Override
    public List<CgroupWrite> v1Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added) {
        List<CgroupWrite> changes = new ArrayList<>(added);
        if (before.resources().cpuQuota() > 0 && limits.resources().cpuQuota() <= 0) {
            changes.add(CgroupWrite.of("cpu.cfs_quota_us", -1));
        }
        return changes;
    }

    @Override
    public List<CgroupWrite> v2Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added) {
        List<CgroupWrite> changes = new ArrayList<>(added);
        if (before.resources().cpuQuota() > 0 && limits.resources().cpuQuota() <= 0) {
            changes.removeIf(change -> change.file().equals("cpu.max"));
            changes.add(CgroupWrite.of("cpu.max", "max"));
        }
        return changes;
    }

    @Override
    public List<CgroupWrite> v2(CgroupLimits limits) {
        Resources wanted = limits.resources();
        List<CgroupWrite> writes = new ArrayList<>();
        if (wanted.cpuShares() > 0) {
            writes.add(CgroupWrite.of("cpu.weight", weight(wanted.cpuShares())));
        }
        if (wanted.cpuQuota() > 0 || wanted.cpuPeriod() > 0) {
            String quota = wanted.cpuQuota() > 0 ? Long.toString(wanted.cpuQuota()) : "max";
            writes.add(CgroupWrite.of(
                    "cpu.max", quota + " " + (wanted.cpuPeriod() > 0 ? wanted.cpuPeriod() : DEFAULT_PERIOD)));
        }
        return writes;
    }

    /** Shares of 2 to 262144 onto weights of 1 to 10000, as the OCI runtimes do. */
    static long weight(long shares) {
        long bounded = Math.clamp(shares, 2L, 262_144L);
        return 1 + ((bounded - 2) * 9999) / 262_142;
    }
}
