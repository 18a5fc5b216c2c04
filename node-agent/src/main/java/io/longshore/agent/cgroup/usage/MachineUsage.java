package io.longshore.agent.cgroup.usage;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * What a container's use is compared with.
 *
 * @param cpuNanos time that all processors have spent, idle or not: user, nice, system, idle, iowait, irq and softirq of proc_stat(5), as
 *     Docker Engine adds them up
 * @param onlineCpus how many processors the kernel lists
 * @param memoryBytes all memory
 */
record MachineUsage(long cpuNanos, int onlineCpus, long memoryBytes) {
    private static final long NANOS_PER_TICK = 10_000_000;
    private static final int FIELDS = 7;
    private static final int BYTES_PER_KILOBYTE = 1024;

    /** @param proc where procfs is mounted */
    static MachineUsage read(Path proc) {
        return parse(CgroupFiles.text(proc.resolve("stat")), CgroupFiles.text(proc.resolve("meminfo")));
    }

    static MachineUsage parse(String stat, String memInfo) {
        long ticks = stat.lines()
                .filter(line -> line.startsWith("cpu "))
                .flatMap(line -> Arrays.stream(line.substring(4).strip().split(" "))
                        .limit(FIELDS)
                        .map(CgroupFiles::numberOrZero))
                .mapToLong(Long::longValue)
                .sum();
        int online = (int) stat.lines()
                .takeWhile(line -> line.startsWith("cpu"))
                .filter(line -> !line.startsWith("cpu "))
                .count();
        long kilobytes = memInfo.lines()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> CgroupFiles.numberOrZero(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
        return new MachineUsage(ticks * NANOS_PER_TICK, online, kilobytes * BYTES_PER_KILOBYTE);
    }
}
