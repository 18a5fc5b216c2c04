package io.longshore.agent.cgroup.usage;

import io.longshore.contracts.agent.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Processor time: cpuacct and cpu.stat of version 1, cpu.stat of version 2. */
final class CpuMeter implements Meter<CpuMeter.Usage> {
    private static final String STAT = "cpu.stat";
    private static final long NANOS_PER_MICRO = 1_000;
    /** Of USER_HZ, which is 100 wherever Linux runs containers: time(7). */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** As {@link Sample.Cpu}, without the machine. */
    record Usage(
            long total,
            @Nullable List<Long> perCpu,
            long kernel,
            long user,
            long periods,
            long throttledPeriods,
            long throttled) {
        Sample.Cpu on(MachineUsage machine) {
            return new Sample.Cpu(
                    total,
                    perCpu,
                    kernel,
                    user,
                    machine.cpuNanos(),
                    machine.onlineCpus(),
                    periods,
                    throttledPeriods,
                    throttled);
        }
    }

    @Override
    public String v1Name() {
        return "cpuacct";
    }

    @Override
    public String v2Name() {
        return "cpu";
    }

    @Override
    public Usage v1(CgroupFiles files) {
        Map<String, Long> split = CgroupFiles.pairs(files.v1(v1Name(), "cpuacct.stat"));
        Map<String, Long> quota = CgroupFiles.pairs(files.v1("cpu", STAT));
        List<Long> perCpu = Arrays.stream(
                        files.v1(v1Name(), "cpuacct.usage_percpu").strip().split(" "))
                .filter(field -> !field.isEmpty())
                .map(CgroupFiles::numberOrZero)
                .toList();
        return new Usage(
                CgroupFiles.numberOrZero(files.v1(v1Name(), "cpuacct.usage")),
                perCpu,
                split.getOrDefault("system", 0L) * NANOS_PER_TICK,
                split.getOrDefault("user", 0L) * NANOS_PER_TICK,
                quota.getOrDefault("nr_periods", 0L),
                quota.getOrDefault("nr_throttled", 0L),
                quota.getOrDefault("throttled_time", 0L));
    }

    @Override
    public Usage v2(CgroupFiles files) {
        Map<String, Long> stat = CgroupFiles.pairs(files.v2(STAT));
        return new Usage(
                stat.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO,
                null,
                stat.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
                stat.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
                stat.getOrDefault("nr_periods", 0L),
                stat.getOrDefault("nr_throttled", 0L),
                stat.getOrDefault("throttled_usec", 0L) * NANOS_PER_MICRO);
    }
}
