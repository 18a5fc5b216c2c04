package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a container may do and what it finds: capabilities, kernel parameters, file systems of its own, groups, limits, an init. */
class SandboxCliRootIT extends CliCases {
    private static final String RUN = "run --rm --network none ";

    @Test
    void aTmpfsHasTheModeOfTheDirectoryBelowIt() {
        docker.ok(RUN + "--tmpfs /etc --tmpfs /none --tmpfs /dev/shm" + " busybox stat -c '%a %n' /etc /none /dev/shm")
                .prints("755 /etc\n1777 /none\n1777 /dev/shm\n");
    }

    @Test
    void addsACapability() {
        docker.ok(RUN + "--cap-add NET_ADMIN busybox grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status")
                .prints("CapPrm:\t00000000a80435fb\nCapEff:\t00000000a80435fb\nCapBnd:\t00000000a80435fb\n");
    }

    @Test
    void dropsCapabilities() {
        docker.ok(RUN + "--cap-drop CHOWN --cap-drop mknod busybox grep CapEff /proc/self/status")
                .prints("CapEff:\t00000000a00425fa\n");
        docker.ok(RUN + "--cap-drop ALL --cap-add chown busybox grep CapBnd /proc/self/status")
                .prints("CapBnd:\t0000000000000001\n");
    }

    @Test
    @LongshoreOnly("it fails on Docker Engine where the machine lacks a capability")
    void addsAllThatTheMachineHas() throws IOException {
        Outcome outcome = docker.ok(RUN + "--cap-add ALL --cap-drop SYS_TIME busybox grep CapEff /proc/self/status");
        long machine = Long.parseLong(
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("CapBnd:"))
                        .map(line -> line.substring(7).strip())
                        .findFirst()
                        .orElseThrow(),
                16);
        assertThat(outcome.text().substring(7).strip())
                .isEqualTo("%016x".formatted(machine & ((1L << 41) - 1) & ~(1L << 25)));
        if ((machine >> 24 & 1) == 0) {
            outcome.says("WARNING: The node does not have the capability CAP_SYS_RESOURCE");
        }
    }

    @Test
    @LongshoreOnly("it fails on Docker Engine where the machine lacks a capability")
    void privilegedMayMountAndHasTheDevices() {
        docker.ok(RUN
                        + "--privileged busybox sh -c 'mount -t tmpfs x /mnt 2>/dev/null || mkdir /mnt && mount -t tmpfs x /mnt && echo mounted;"
                        + " test -c /dev/net/tun && echo tun; test -c /dev/kmsg && echo kmsg; touch /sys/x 2>&1 | grep -c Read-only;"
                        + " grep Seccomp: /proc/self/status'")
                .prints("mounted\ntun\nkmsg\n0\nSeccomp:\t0\n");
    }

    @Test
    void refusesAnUnknownCapability() {
        docker.run("create --network none --cap-add FLY busybox true").exits(1).says("unknown capability: \"CAP_FLY\"");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void theRootCanBeReadOnly() {
        docker.run(RUN + "--read-only busybox touch /x").exits(1).says("Read-only file system");
        docker.ok(RUN + "--read-only --tmpfs /scratch busybox sh -c 'touch /scratch/x && echo written'")
                .prints("written\n");
    }

    @Test
    void aTmpfsHasItsOptions() {
        docker.ok(
                        RUN
                                + "--tmpfs /scratch:size=1m,mode=1770,exec,uid=1 busybox sh -c 'grep -c \" /scratch tmpfs rw,nosuid,nodev,relatime,size=1024k,mode=1770,uid=1\" /proc/mounts;"
                                + " stat -c \"%a %u\" /scratch; dd if=/dev/zero of=/scratch/x bs=1M count=2 2>&1 | grep -c \"No space\"'")
                .prints("1\n1770 1\n1\n");
    }

    @Test
    void sharedMemoryHasItsSize() {
        docker.ok(RUN + "--shm-size 1m busybox sh -c 'df -k /dev/shm | tail -n 1 | tr -s \" \" | cut -d \" \" -f 2'")
                .prints("1024\n");
    }

    @Test
    void setsKernelParametersOfItsNamespaces() {
        docker.ok(RUN
                        + "--sysctl kernel.msgmax=4096 --sysctl net.ipv4.ip_forward=1 --sysctl fs.mqueue.msg_max=20 busybox"
                        + " cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward /proc/sys/fs/mqueue/msg_max")
                .prints("4096\n1\n20\n");
    }

    @Test
    void refusesKernelParametersOfTheNode() {
        docker.run(RUN + "--sysctl kernel.panic=1 busybox true").exits(125).says("kernel.panic");
        docker.run("run --rm --network host --sysctl net.ipv4.ip_forward=1 busybox true")
                .exits(125)
                .says("not allowed in host network namespace");
        docker.run(RUN + "--ipc host --sysctl kernel.msgmax=4096 busybox true")
                .exits(125)
                .says("kernel.msgmax");
        // What the docker command makes of "no such file or directory".
        docker.run(RUN + "--sysctl net.ipv4.nosuch=1 busybox true").exits(127).says("nosuch");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void addsGroups() {
        docker.ok(RUN + "--group-add extra --group-add 99 busybox id -G").prints("0 44 99\n");
        docker.ok(RUN + "--user daemon --group-add 99 busybox sh -c 'id -u; id -G'")
                .printsMatch("^1\n1 .*99");
        docker.run(RUN + "--group-add nosuch busybox true").exits(125).says("nosuch");
    }

    @Test
    void adjustsWhomTheKernelKillsFirst() {
        docker.ok(RUN + "--oom-score-adj 500 busybox cat /proc/self/oom_score_adj")
                .prints("500\n");
        docker.run("create --network none --oom-score-adj 2000 busybox true")
                .exits(1)
                .says("range for oom score adj is [-1000, 1000]");
    }

    @Test
    void limitsDescriptors() {
        docker.ok(RUN + "--ulimit nofile=64:128 --ulimit core=0 busybox sh -c 'ulimit -n; ulimit -Hn; ulimit -c'")
                .prints("64\n128\n0\n");
    }

    @Test
    void aLimitThatMayNotBeRaisedIsNamed() {
        docker.run(RUN + "--ulimit nofile=1100000000:1100000000 busybox true").exits(125);
        if (subject.longshore()) {
            docker.probe(RUN + "--ulimit nofile=1100000000:1100000000 busybox true")
                    .says("set ulimit nofile=1100000000:1100000000: operation not permitted");
        }
    }

    @Test
    void anInitRunsTheCommand() {
        docker.ok(
                        RUN
                                + "--init busybox sh -c 'tr \"\\0\" \" \" < /proc/1/cmdline | cut -c 1-23; cat /proc/1/comm; grep PPid /proc/$$/status'")
                .printsMatch("^/sbin/docker-init -- sh\n(docker-init|tini)");
        docker.run(RUN + "--init busybox sh -c 'exit 7'").exits(7);
        docker.run(RUN + "--init busybox nosuch").exits(127).says("nosuch");
        docker.run(RUN + "--init busybox sh -c 'kill -9 $$'").exits(137);
    }

    @Test
    void anInitReaps() {
        String orphan = "sh -c \"sleep 0.1 &\"; sleep 0.5; cat /proc/[0-9]*/stat | grep -c \") Z\"; true";
        docker.ok(RUN + "--init busybox sh -c '" + orphan + "'").prints("0\n");
    }

    @Test
    void anInitPassesSignalsOn() {
        docker.ok(
                "run -d --name waits --network none --init busybox sh -c 'trap \"echo asked; exit 3\" TERM; echo ready; while :; do sleep 0.1; done'");
        docker.awaitLog("waits", "ready");
        docker.ok("stop -t 20 waits");
        docker.ok("logs waits").prints("ready\nasked\n");
        docker.ok("inspect --format '{{.State.ExitCode}} {{.HostConfig.Init}} {{.Path}}' waits")
                .prints("3 true sh\n");
    }

    @Test
    void anInitWorksForAnyUserWithoutPrivileges() {
        docker.ok(
                        RUN
                                + "--init --user daemon --cap-drop ALL --read-only --security-opt no-new-privileges busybox sh -c 'id -u; readlink /proc/self/fd/3 || echo none'")
                .prints("1\nnone\n");
    }
}
