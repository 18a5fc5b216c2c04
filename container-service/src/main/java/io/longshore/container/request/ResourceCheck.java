package io.longshore.container.request;

import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.NodeInfo;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks limits (Engine API, Resources) with the Engine's own bounds and words. */
final class ResourceCheck {
    /** Less is not enough for the process that becomes the container's. */
    private static final long MIN_MEMORY = 6L << 20;

    private static final Pattern CPU_LIST = Pattern.compile("[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*");
    private static final Set<String> LIMITS = Set.of(
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack",
            "as");

    private ResourceCheck() {}

    static void check(HostConfig host) {
        memory(host);
        cpu(host);
        if (of(host.shmSize()) < 0) {
            throw new Failure.Invalid("SHM size can not be less than 0");
        }
        if (host.oomScoreAdj() != null && Math.abs(host.oomScoreAdj()) > 1000) {
            throw new Failure.Invalid(
                    "invalid value " + host.oomScoreAdj() + ", range for oom score adj is [-1000, 1000]");
        }
        for (HostConfig.Ulimit limit : host.ulimits() == null ? List.<HostConfig.Ulimit>of() : host.ulimits()) {
            ulimit(limit);
        }
        cgroupParent(host.cgroupParent());
        notYet(host);
    }

    private static void memory(HostConfig host) {
        long memory = of(host.memory());
        long reservation = of(host.memoryReservation());
        long swap = of(host.memorySwap());
        if (memory < 0 || (memory > 0 && memory < MIN_MEMORY)) {
            throw new Failure.Invalid("Minimum memory limit allowed is 6MB, got " + memory + " bytes");
        }
        if (swap < -1) {
            throw new Failure.Invalid("invalid MemorySwap " + swap + ": want bytes, or -1 for no limit");
        }
        if (memory == 0 && swap > 0) {
            throw new Failure.Invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
        }
        if (memory > 0 && swap > 0 && swap < memory) {
            throw new Failure.Invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (reservation < 0 || (reservation > 0 && reservation < MIN_MEMORY)) {
            throw new Failure.Invalid("Minimum memory reservation allowed is 6MB, got " + reservation + " bytes");
        }
        if (memory > 0 && memory < reservation) {
            throw new Failure.Invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
        }
        long swappiness = host.memorySwappiness() == null ? -1 : host.memorySwappiness();
        if (swappiness < -1 || swappiness > 100) {
            throw new Failure.Invalid("Invalid value: " + swappiness + ", valid memory swappiness range is 0-100");
        }
        long kernel = of(host.kernelMemory());
        if (kernel < 0 || (kernel > 0 && kernel < MIN_MEMORY)) {
            throw new Failure.Invalid("Minimum kernel memory limit allowed is 6MB");
        }
    }

    private static void cpu(HostConfig host) {
        long nano = of(host.nanoCpus());
        long period = of(host.cpuPeriod());
        long quota = of(host.cpuQuota());
        if (nano > 0 && period > 0) {
            throw new Failure.Invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
        }
        if (nano > 0 && quota > 0) {
            throw new Failure.Invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        }
        if (nano < 0) {
            throw new Failure.Invalid("invalid NanoCpus " + nano + ": want billionths of a CPU");
        }
        if (of(host.cpuShares()) < 0) {
            throw new Failure.Invalid(
                    "invalid CPU shares (" + host.cpuShares() + "): value must be a positive integer");
        }
        if (period != 0 && (period < 1_000 || period > 1_000_000)) {
            throw new Failure.Invalid(
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        }
        if (quota > 0 && quota < 1_000) {
            throw new Failure.Invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        }
        long realtime = of(host.cpuRealtimeRuntime());
        long realtimePeriod = of(host.cpuRealtimePeriod());
        if (realtime < 0 || realtimePeriod < 0) {
            throw new Failure.Invalid("invalid CPU real-time runtime or period: want microseconds");
        }
        if (realtimePeriod != 0 && realtime > realtimePeriod) {
            throw new Failure.Invalid("cpu real-time runtime cannot be higher than cpu real-time period");
        }
        list("cpuset cpus", host.cpusetCpus());
        list("cpuset mems", host.cpusetMems());
    }

    /** Against the chosen node: more than it has cannot be given. */
    static void checkFits(HostConfig host, NodeInfo node) {
        int cpus = node.cpus();
        if (!node.features().contains("cpuRealtime")) {
            if (of(host.cpuRealtimePeriod()) > 0) {
                throw new Failure.Invalid("Your daemon does not support CPU real-time period");
            }
            if (of(host.cpuRealtimeRuntime()) > 0) {
                throw new Failure.Invalid("Your daemon does not support CPU real-time runtime");
            }
        }
        long nano = of(host.nanoCpus());
        if (nano > 0 && (nano < 10_000_000 || nano > cpus * 1_000_000_000L)) {
            throw new Failure.Invalid(
                    "range of CPUs is from 0.01 to " + cpus + ".00, as there are only " + cpus + " CPUs available");
        }
        String set = host.cpusetCpus();
        for (String part : set == null || set.isEmpty() ? new String[0] : set.split("[,-]")) {
            if (Integer.parseInt(part) >= cpus) {
                throw new Failure.Invalid(
                        "Requested CPUs are not available - requested " + set + ", available: 0-" + (cpus - 1));
            }
        }
    }

    private static void list(String what, @Nullable String value) {
        if (value != null && !value.isEmpty() && !CPU_LIST.matcher(value).matches()) {
            throw new Failure.Invalid("Invalid value " + value + " for " + what);
        }
    }

    private static void ulimit(HostConfig.Ulimit limit) {
        String name = limit.name() == null ? "" : limit.name();
        if (!LIMITS.contains(name)) {
            throw new Failure.Invalid("invalid ulimit type: " + name);
        }
        long soft = of(limit.soft());
        long hard = of(limit.hard());
        if (hard >= 0 && (soft > hard || soft < 0)) {
            throw new Failure.Invalid(
                    "ulimit soft limit must be less than or equal to hard limit: " + soft + " > " + hard);
        }
    }

    private static void cgroupParent(@Nullable String parent) {
        if (parent != null && (parent.contains("..") || parent.indexOf('\0') >= 0)) {
            throw new Failure.Invalid(
                    "invalid CgroupParent \"" + parent + "\": it must not climb out of its hierarchy");
        }
    }

    private static void notYet(HostConfig host) {
        Refusals.unlessUnset("HostConfig.KernelMemoryTCP", host.kernelMemoryTCP());
        Refusals.unlessUnset("HostConfig.CpuCount", host.cpuCount());
        Refusals.unlessUnset("HostConfig.IOMaximumIOps", host.ioMaximumIOps());
        Refusals.unlessUnset("HostConfig.IOMaximumBandwidth", host.ioMaximumBandwidth());
    }

    static long of(@Nullable Long value) {
        return value == null ? 0 : value;
    }
}
