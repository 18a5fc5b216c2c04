package io.longshore.contracts.agent;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a running container has used so far, as its cgroups, its network namespace and the machine say at one moment. Amounts grow from the
 * container's start; times are nanoseconds, sizes bytes. What a version of cgroups does not have is null (Documentation/admin-guide/cgroup-v1
 * and cgroup-v2.rst).
 *
 * @param read when
 * @param cpu processor time
 * @param memory memory
 * @param block transfers of block devices
 * @param pids processes
 * @param networks interfaces of the container's own network by name; empty when it has none of its own
 */
public record Sample(Instant read, Cpu cpu, Memory memory, Block block, Pids pids, Map<String, Interface> networks) {
    public Sample {
        networks = Map.copyOf(networks);
    }

    /**
     * Processor time.
     *
     * @param total of all processors
     * @param perCpu of each; version 1 only
     * @param kernel of {@code total}, in the kernel
     * @param user of {@code total}, in programs
     * @param system what all processors of the machine have spent, idle time included
     * @param online processors
     * @param periods in which a quota was enforced
     * @param throttledPeriods of these, in which the container ran against it
     * @param throttled how long it was held up in all
     */
    public record Cpu(
            long total,
            @Nullable List<Long> perCpu,
            long kernel,
            long user,
            long system,
            int online,
            long periods,
            long throttledPeriods,
            long throttled) {}

    /**
     * Memory.
     *
     * @param usage at the moment
     * @param peak most ever used; version 1 only
     * @param failures how often the limit was hit: memory.failcnt of version 1, {@code oom} in memory.events of version 2
     * @param limit the container's, or all the machine has when that is less
     * @param details of memory.stat, by the names that Docker Engine gives for the version of cgroups in use
     */
    public record Memory(long usage, @Nullable Long peak, long failures, long limit, Map<String, Long> details) {
        public Memory {
            details = Map.copyOf(details);
        }
    }

    /**
     * Transfers, each list by device and kind; null where there is no such account in the version of cgroups in use.
     *
     * @param bytes transferred
     * @param operations done
     * @param queued waiting
     * @param serviceTime how long they took
     * @param waitTime how long they waited
     * @param merged with others
     * @param time of the device
     * @param sectors transferred
     */
    public record Block(
            @Nullable List<Entry> bytes,
            @Nullable List<Entry> operations,
            @Nullable List<Entry> queued,
            @Nullable List<Entry> serviceTime,
            @Nullable List<Entry> waitTime,
            @Nullable List<Entry> merged,
            @Nullable List<Entry> time,
            @Nullable List<Entry> sectors) {}

    /** An account of one device: its numbers, the kind of transfer as the kernel calls it, the amount. */
    public record Entry(long major, long minor, String operation, long value) {}

    /**
     * Processes and threads.
     *
     * @param current at the moment
     * @param limit 0 for none in version 1, -1 for none in version 2
     */
    public record Pids(long current, long limit) {}

    /** What went through an interface: proc_pid_net(5), dev. */
    public record Interface(
            long receivedBytes,
            long receivedPackets,
            long receiveErrors,
            long receiveDrops,
            long sentBytes,
            long sentPackets,
            long sendErrors,
            long sendDrops) {}
}
