package io.longshore.acceptance.cli;

import org.junit.jupiter.api.Test;

/** Limits of memory, processors and processes: in inspect, seen from inside, and enforced. */
class LimitsCliRootIT extends CliCases {
    @Test
    void limitsMemory() {
        docker.ok(
                        "run --name small --network none --memory 32m busybox sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max'")
                .prints("33554432\n");
        docker.ok("inspect --format '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}' small")
                .prints("33554432 67108864\n");
    }

    @Test
    void killsWhatTakesTooMuchMemory() {
        docker.run(
                        "run --name greedy --network none --memory 16m --memory-swap 16m busybox sh -c 'x=a; while :; do x=$x$x; done'")
                .exits(137);
        docker.ok("inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}}' greedy")
                .prints("true 137 exited\n");
    }

    @Test
    void refusesTooLittleMemory() {
        docker.run("create --name tiny --network none --memory 1m busybox true")
                .exits(1)
                .says("Minimum memory limit allowed is 6MB");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void refusesSwapBelowMemory() {
        docker.run("create --network none --memory 64m --memory-swap 32m busybox true")
                .exits(1)
                .says("Minimum memoryswap limit should be larger than memory limit");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void limitsProcessors() {
        docker.ok(
                        "run --name half --network none --cpus 0.5 busybox sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max'")
                .printsMatch("^50000\\s100000\n$");
        docker.ok("inspect --format '{{.HostConfig.NanoCpus}}' half").prints("500000000\n");
    }

    @Test
    void setsShares() {
        docker.ok(
                        "run --rm --network none --cpu-shares 300 busybox sh -c 'cat /sys/fs/cgroup/cpu/cpu.shares 2>/dev/null || cat /sys/fs/cgroup/cpu.weight'")
                .printsMatch("^(300|11|12)\n$");
    }

    @Test
    void refusesMoreProcessorsThanThereAre() {
        docker.run("create --network none --cpus 4000 busybox true")
                .exits(1)
                .saysMatch("[Rr]ange of CPUs is from 0\\.01 to \\d+\\.00");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void limitsProcesses() {
        docker.ok(
                        "run --name few --network none --pids-limit 8 busybox sh -c 'cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max'")
                .prints("8\n");
        docker.run(
                        "run --rm --network none --pids-limit 8 busybox sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1 & done; wait'")
                .says("can't fork");
        docker.ok("inspect --format '{{.HostConfig.PidsLimit}}' few").prints("8\n");
    }
}
