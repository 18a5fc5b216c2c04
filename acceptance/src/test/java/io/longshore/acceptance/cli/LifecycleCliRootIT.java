package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code docker pause}, {@code unpause}, {@code update}, restart policies and health checks. */
class LifecycleCliRootIT extends CliCases {
    private void awaitValue(String container, String template, String wanted) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        String now = docker.value(container, template);
        while (!now.equals(wanted) && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            now = docker.value(container, template);
        }
        assertThat(now).as("%s of %s", template, container).isEqualTo(wanted);
    }

    // ---- pause

    @Test
    void pauseFreezesAndUnpauseGoesOn() {
        docker.ok("run -d --name ticks --network none busybox sh -c 'while :; do echo tick; sleep 0.05; done'");
        docker.ok("pause ticks").prints("ticks\n");
        docker.ok("inspect --format '{{.State.Status}} {{.State.Running}} {{.State.Paused}}' ticks")
                .prints("paused true true\n");
        docker.ok("ps --format {{.Status}}").printsMatch("^Up .* \\(Paused\\)\n$");
        docker.ok("ps -q --filter status=paused").printsMatch("^[0-9a-f]{12}\n$");
        String before = docker.probe("logs ticks").out();
        LockSupport.parkNanos(Duration.ofMillis(400).toNanos());
        assertThat(docker.probe("logs ticks").out()).isEqualTo(before);
        docker.ok("unpause ticks").prints("ticks\n");
        docker.ok("inspect --format '{{.State.Status}} {{.State.Paused}}' ticks")
                .prints("running false\n");
        try (Started logs = docker.start("logs -f --since 0s ticks")) {
            logs.awaitOutput("tick\n");
        }
        events("ticks", "--filter event=pause --filter event=unpause --format '{{.Action}}'")
                .prints("pause\nunpause\n");
    }

    @Test
    void pauseRefuses() {
        docker.run("pause nosuch").exits(1).says("No such container: nosuch");
        docker.ok("create --name idle --network none busybox true");
        docker.run("pause idle").exits(1).says("is not running");
        docker.run("unpause idle").exits(1).says("is not paused");
        docker.ok("run -d --name box --network none busybox sleep 600");
        docker.run("unpause box").exits(1).says("is not paused");
        docker.ok("pause box");
        docker.run("pause box").exits(1).says("is already paused");
        docker.run("exec box true").exits(1).says("is paused, unpause the container before exec");
        docker.run("start box").exits(1).says("cannot start a paused container, try unpause instead");
        docker.run("rm box").exits(1).says("Unpause and then stop the container");
        docker.run("attach box").exits(1).says("You cannot attach to a paused container, unpause it first");
    }

    @Test
    void stopAndKillReachAPausedContainer() {
        docker.ok(
                "run -d --name box --network none busybox sh -c 'trap \"exit 3\" TERM; while :; do sleep 0.05; done'");
        docker.ok("pause box");
        docker.ok("stop box");
        docker.ok("inspect --format '{{.State.Status}} {{.State.ExitCode}}' box")
                .prints("exited 3\n");
        docker.ok("start box");
        docker.ok("pause box");
        docker.ok("kill box");
        docker.awaitExit("box");
        docker.ok("start box");
        docker.ok("pause box");
        docker.ok("rm -f box").prints("box\n");
    }

    // ---- update

    @Test
    void updateChangesTheLimitsOfWhatRuns() {
        docker.ok(
                "run -d --name box --network none --memory 64m --memory-swap 128m --cpus 0.5 --pids-limit 50 busybox sleep 600");
        docker.probe("update --memory 32m --memory-swap 96m --cpus 0.25 --cpu-shares 512 --pids-limit 20 box")
                .ok()
                .printsMatch("^box\n");
        docker.ok("inspect --format '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}}"
                        + " {{.HostConfig.CpuShares}} {{.HostConfig.PidsLimit}}' box")
                .prints("33554432 100663296 250000000 512 20\n");
        docker.ok("exec box sh -c 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.shares pids/pids.max'")
                .prints("33554432\n512\n20\n");
        docker.probe("update --pids-limit -1 box").ok();
        docker.ok("exec box cat /sys/fs/cgroup/pids/pids.max").prints("max\n");
        docker.probe("update --memory 80m --memory-swap 160m box").ok();
        docker.ok("exec box cat /sys/fs/cgroup/memory/memory.limit_in_bytes").prints("83886080\n");
        docker.ok("restart -t 0 box");
        docker.ok("exec box cat /sys/fs/cgroup/memory/memory.limit_in_bytes").prints("83886080\n");
    }

    @Test
    void updateOfWhatDoesNotRunHoldsForTheNextStart() {
        docker.ok("create --name box --network none busybox sleep 600");
        docker.probe("update --cpu-shares 300 box").ok();
        docker.ok("start box");
        docker.ok("exec box cat /sys/fs/cgroup/cpu/cpu.shares").prints("300\n");
    }

    @Test
    void updateLiftsTheLimitOfProcesses() {
        docker.ok("run -d --name box --network none --pids-limit 20 busybox sleep 600");
        docker.probe("update --cpu-shares 300 box").ok();
        docker.ok("exec box cat /sys/fs/cgroup/pids/pids.max").prints("20\n");
        docker.probe("update --pids-limit -1 box").ok();
        docker.ok("exec box cat /sys/fs/cgroup/pids/pids.max").prints("max\n");
        docker.ok("inspect --format '{{.HostConfig.PidsLimit}} {{.HostConfig.CpuShares}}' box")
                .prints("0 300\n");
    }

    @Test
    void updateRefuses() {
        docker.ok("run -d --name box --network none --memory 64m --memory-swap 64m busybox sleep 600");
        docker.run("update --memory 100m box").exits(1).says("update the memoryswap at the same time");
        docker.run("update --memory 1k box").exits(1).says("Minimum memory limit allowed is 6MB");
        docker.run("update --cpuset-cpus 77 box").exits(1).says("Requested CPUs are not available");
        docker.run("update --restart sometimes box").exits(1).says("invalid restart policy");
        docker.run("update --memory 100m nosuch").exits(1).says("No such container: nosuch");
        docker.ok("inspect --format '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}' box")
                .prints("67108864 no\n");
    }

    @Test
    void updateGivesARestartPolicy() {
        docker.ok("run -d --name box --network none busybox sh -c 'sleep 0.5; exit 2'");
        docker.probe("update --restart on-failure:2 box").ok();
        docker.ok(
                        "inspect --format '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}' box")
                .prints("on-failure 2\n");
        awaitValue("box", "{{.RestartCount}} {{.State.Status}}", "2 exited");
        docker.ok("run -d --rm --name gone --network none busybox sleep 600");
        docker.run("update --restart always gone").exits(1).says("AutoRemove is enabled");
    }

    // ---- restart policies

    @Test
    void onFailureStartsAgainSoManyTimes() {
        docker.ok("run -d --name fails --restart on-failure:3 --network none busybox sh -c 'echo try; exit 5'");
        awaitValue("fails", "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}", "3 exited 5");
        docker.ok("logs fails").prints("try\ntry\ntry\ntry\n");
        events("fails", "--filter event=start --filter event=die --format '{{.Action}}'")
                .prints("start\ndie\nstart\ndie\nstart\ndie\nstart\ndie\n");
    }

    @Test
    void onFailureLeavesASuccessAlone() {
        docker.ok("run -d --name works --restart on-failure --network none busybox true");
        docker.awaitExit("works");
        docker.ok("inspect --format '{{.RestartCount}} {{.State.ExitCode}}' works")
                .prints("0 0\n");
    }

    @Test
    void alwaysStartsAgainUntilItIsStopped() {
        docker.ok("run -d --name stays --restart always --network none busybox sh -c 'sleep 0.2; exit 0'");
        awaitValue("stays", "{{.RestartCount}}", "2");
        docker.ok("stop -t 0 stays");
        docker.ok("inspect --format '{{.State.Running}} {{.State.Restarting}}' stays")
                .prints("false false\n");
        String count = docker.value("stays", "{{.RestartCount}}");
        LockSupport.parkNanos(Duration.ofMillis(1500).toNanos());
        assertThat(docker.value("stays", "{{.RestartCount}} {{.State.Status}}")).isEqualTo(count + " exited");
        docker.ok("start stays");
        assertThat(docker.value("stays", "{{.RestartCount}}")).isEqualTo("0");
    }

    @Test
    void showsThatItIsRestarting() {
        docker.ok("run -d --name flaps --restart always --network none busybox false");
        awaitValue("flaps", "{{.State.Status}}", "restarting");
        docker.ok("ps --filter status=restarting --format {{.Status}}").printsMatch("^Restarting \\(1\\) ");
        docker.run("pause flaps").exits(1);
        docker.ok("stop flaps");
        docker.ok("rm flaps");
    }

    @Test
    void killReachesWhatWaitsForItsNextStart() {
        docker.ok("run -d --name flaps --restart always --stop-signal USR1 --network none busybox false");
        // The pauses double: the fifth is of 1.6 s, which leaves time for a few commands.
        awaitValue("flaps", "{{.State.Status}} {{.RestartCount}}", "restarting 4");
        docker.ok("kill -s HUP flaps").prints("flaps\n");
        docker.ok("kill flaps").prints("flaps\n");
        awaitValue("flaps", "{{.State.Status}} {{.State.Restarting}} {{.State.Running}}", "exited false false");
        LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
        assertThat(docker.value("flaps", "{{.State.Status}}")).isEqualTo("exited");
        events("flaps", "--filter event=kill --format '{{.Action}}'").prints("");
        docker.ok("start flaps");
        awaitValue("flaps", "{{.State.Status}} {{.RestartCount}}", "restarting 4");
        docker.ok("kill -s USR1 flaps").prints("flaps\n");
        awaitValue("flaps", "{{.State.Status}}", "exited");
    }

    @Test
    void aKilledContainerIsNotStartedAgain() {
        docker.ok("run -d --name killed --restart unless-stopped --network none busybox sleep 600");
        docker.ok("kill killed");
        docker.awaitExit("killed");
        LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        docker.ok("inspect --format '{{.State.Status}} {{.RestartCount}}' killed")
                .prints("exited 0\n");
    }

    @Test
    @LongshoreOnly("Docker Engine runs in a namespace of its own here")
    void aProcessThatIsKilledFromOutsideIsStartedAgain() {
        docker.ok("run -d --name hit --restart always --network none busybox sleep 600");
        long pid = Long.parseLong(docker.value("hit", "{{.State.Pid}}"));
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        awaitValue("hit", "{{.RestartCount}} {{.State.Status}}", "1 running");
        assertThat(docker.value("hit", "{{.State.Pid}}")).isNotEqualTo(String.valueOf(pid));
        docker.ok("rm -f hit");
    }

    @Test
    void restartPoliciesAreChecked() {
        docker.run("run -d --restart sometimes --network none busybox true")
                .exits(125)
                .says("invalid restart policy");
        docker.run("run -d --restart always:3 --network none busybox true")
                .exits(125)
                .says("maximum retry count");
        docker.run("run --rm --restart always --network none busybox true")
                .exits(125)
                .says("--restart", "--rm");
    }

    // ---- health checks

    @Test
    void becomesHealthyAndUnhealthy() {
        docker.ok("run -d --name checked --network none --health-cmd 'test ! -e /tmp/ill' --health-interval 0.2s"
                + " --health-retries 2 --health-timeout 5s busybox sleep 600");
        awaitValue("checked", "{{.State.Health.Status}}", "healthy");
        docker.ok("ps --format {{.Status}}").printsMatch("^Up .* \\(healthy\\)\n$");
        docker.ok("ps -q --filter health=healthy").printsMatch("^[0-9a-f]{12}\n$");
        docker.ok("exec checked touch /tmp/ill");
        awaitValue("checked", "{{.State.Health.Status}}", "unhealthy");
        docker.ok("exec checked rm /tmp/ill");
        awaitValue("checked", "{{.State.Health.Status}}", "healthy");
        events("checked", "--filter event=health_status --format '{{.Action}}'")
                .prints("health_status: healthy\nhealth_status: unhealthy\nhealth_status: healthy\n");
        docker.ok("rm -f checked");
    }

    @Test
    void healthTellsWhatTheCheckSaid() {
        docker.ok("run -d --name checked --network none --health-cmd 'echo all is well; echo more >&2; exit 1'"
                + " --health-interval 0.2s --health-retries 1 busybox sleep 600");
        awaitValue("checked", "{{.State.Health.Status}}", "unhealthy");
        // What comes on two pipes has no order between them.
        docker.probe(
                        "inspect --format '{{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}' checked")
                .ok()
                .printsPart("1 ", "all is well\n", "more\n");
    }

    @Test
    void healthShowsTheLatestFiveChecks() {
        docker.ok("run -d --name counted --network none --health-interval 0.2s --health-cmd"
                + " 'echo x >> /tmp/checks; wc -l < /tmp/checks' busybox sleep 600");
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (checks().size() < 5 && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
        int first = aRunOfFive();
        LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
        assertThat(aRunOfFive()).isGreaterThan(first);
        docker.ok(
                        "inspect --format '{{len .State.Health.Log}} {{.State.Health.Status}} {{.State.Health.FailingStreak}}'"
                                + " counted")
                .prints("5 healthy 0\n");
    }

    /** Asks the engine itself: how often is no part of what is compared. */
    private List<Integer> checks() {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode result : docker.engine()
                .call(Request.get("/containers/counted/json"))
                .json()
                .path("State")
                .path("Health")
                .path("Log")) {
            numbers.add(Integer.valueOf(result.path("Output").asString().strip()));
        }
        return numbers;
    }

    /** The first of five checks that follow each other. */
    private int aRunOfFive() {
        List<Integer> numbers = checks();
        int first = numbers.getFirst();
        assertThat(numbers).containsExactly(first, first + 1, first + 2, first + 3, first + 4);
        return first;
    }

    @Test
    void aCheckThatTakesTooLongHasFailed() {
        docker.ok(
                "run -d --name slow --network none --health-cmd 'sleep 600' --health-interval 0.2s --health-timeout 1s"
                        + " --health-retries 1 busybox sleep 600");
        awaitValue("slow", "{{.State.Health.Status}}", "unhealthy");
        docker.ok(
                        "inspect --format '{{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}' slow")
                .printsPart("-1 Health check exceeded timeout (1s)");
    }

    @Test
    void failuresInTheStartPeriodDoNotCount() {
        docker.ok("run -d --name starts --network none --health-cmd 'test -e /tmp/up' --health-interval 0.2s"
                + " --health-retries 1 --health-start-period 60s busybox sh -c 'sleep 1; touch /tmp/up; sleep 600'");
        docker.ok("inspect --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' starts")
                .prints("starting 0\n");
        awaitValue("starts", "{{.State.Health.Status}}", "healthy");
    }

    @Test
    void noHealthcheckMeansNoHealth() {
        docker.ok("run -d --name plain --network none --no-healthcheck busybox sleep 600");
        docker.ok("inspect --format '{{json .State.Health}}' plain").prints("null\n");
        docker.run("run -d --network none --health-interval 1ns --health-cmd true busybox true")
                .exits(125);
    }
}
