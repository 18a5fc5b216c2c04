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
    void setsSwappinessAndReservation() {
        docker.ok(
                        "run --name soft --network none --memory 32m --memory-reservation 16m --memory-swappiness 10 busybox sh -c 'cat /sys/fs/cgroup/memory/memory.soft_limit_in_bytes /sys/fs/cgroup/memory/memory.swappiness 2>/dev/null || cat /sys/fs/cgroup/memory.low'")
                .printsMatch("^16777216\n(10\n)?$");
        docker.ok("inspect --format '{{.HostConfig.MemoryReservation}} {{.HostConfig.MemorySwappiness}}' soft")
                .printsMatch("^16777216 (10|<nil>)\n$");
        docker.run("create --network none --memory-swappiness 101 busybox true")
                .says("alid memory swappiness range is 0-100");
    }

    @Test
    void letsProcessesWaitForMemory() {
        docker.ok(
                        "run --name waits --network none --memory 32m --oom-kill-disable busybox sh -c 'head -n 1 /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null || echo oom_kill_disable 1'")
                .prints("oom_kill_disable 1\n");
        docker.ok("inspect --format '{{.HostConfig.OomKillDisable}}' waits").printsMatch("true|<nil>");
        docker.run("create --network none --oom-kill-disable busybox true")
                .saysMatch("OOM killer is disabled|OomKillDisable discarded");
    }

    @Test
    void takesSwapWithoutLimit() {
        docker.ok(
                        "run --name swaps --network none --memory 32m --memory-swap -1 busybox sh -c 'cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.swap.max'")
                .printsMatch("^(9223372036854771712|max)\n$");
        docker.ok("inspect --format '{{.HostConfig.MemorySwap}}' swaps").prints("-1\n");
    }

    @Test
    void takesAQuotaPerPeriod() {
        docker.ok(
                        "run --rm --network none --cpu-period 50000 --cpu-quota 20000 busybox sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max'")
                .printsMatch("^20000\\s50000\n$");
        docker.run("create --network none --cpu-period 5 busybox true")
                .exits(1)
                .says("CPU cfs period can not be less than 1ms");
    }

    @Test
    void staysOnItsProcessors() {
        docker.ok(
                        "run --rm --network none --cpuset-cpus 0 --cpuset-mems 0 busybox grep Cpus_allowed_list /proc/self/status")
                .prints("Cpus_allowed_list:\t0\n");
        docker.run("create --network none --cpuset-cpus 4000 busybox true")
                .exits(1)
                .says("Requested CPUs are not available");
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
