package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** {@code docker run --runtime}: what holds of any container holds of one that an OCI runtime's binary made. */
class RuntimeCliRootIT extends CliCases {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String RUNC = " --runtime runc --network none ";

    @Test
    void infoListsThem() {
        docker.probe("info --format '{{json .Runtimes}}'")
                .ok()
                .printsPart("\"runc\":{\"path\":", "\"io.containerd.runc.v2\":{\"path\":");
        String byDefault =
                docker.probe("info --format '{{.DefaultRuntime}}'").ok().text();
        assertThat(byDefault).isEqualTo(subject.longshore() ? "longshore" : "runc");
    }

    @Test
    void runsAndPassesOutputAndExitCodeOn() {
        docker.ok("run --rm" + RUNC + "busybox echo hello").prints("hello\n").saysNothing();
        docker.run("run --rm" + RUNC + "busybox sh -c 'echo out; echo err >&2; exit 7'")
                .exits(7)
                .prints("out\n")
                .says("err");
        docker.run("run --rm -i" + RUNC + "busybox cat", Docker.bytes("one\ntwo\n"))
                .ok()
                .prints("one\ntwo\n");
        docker.ok("run --rm --runtime io.containerd.runc.v2 --network none busybox echo alias")
                .prints("alias\n");
    }

    @Test
    void isShownByInspect() {
        docker.ok("create --name made" + RUNC + "busybox true");
        docker.ok("inspect --format '{{.HostConfig.Runtime}}' made").prints("runc\n");
        docker.ok("start -a made");
        docker.ok("inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}' made")
                .prints("exited 0 false\n");
    }

    @Test
    void looksLikeAnyContainerFromInside() {
        docker.ok("run --rm --hostname there --user 1000:50 --env OWN=value --workdir /made/for/it" + RUNC
                        + "busybox sh -c 'hostname; cat /etc/hostname; id -u; id -g; pwd; echo $OWN $HOME'")
                .prints("there\nthere\n1000\n50\n/made/for/it\nvalue /\n");
        docker.ok("run --rm" + RUNC + "busybox grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/self/status");
        docker.ok("run --rm --cap-drop ALL --security-opt no-new-privileges" + RUNC
                + "busybox grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/self/status");
        docker.ok("run --rm" + RUNC
                + "busybox sh -c 'ls /proc/self/fd; stat -c %f:%n /dev/*; cut -d: -f1 /proc/net/dev | tail -n +3'");
        docker.ok("run --rm" + RUNC
                + "busybox sh -c 'ulimit -n 2>/dev/null >/dev/null; touch /proc/sys/kernel/x; echo $?'");
        docker.ok("run --rm --ulimit nofile=64:128" + RUNC + "busybox sh -c 'ulimit -n; ulimit -Hn'")
                .prints("64\n128\n");
        docker.ok("run --rm --sysctl net.ipv4.ip_forward=1" + RUNC + "busybox cat /proc/sys/net/ipv4/ip_forward")
                .prints("1\n");
    }

    @Test
    @LongshoreOnly("it fails on Docker Engine where the machine lacks a capability")
    void isPrivileged() {
        docker.ok("run --rm --privileged" + RUNC + "busybox grep -E '^(CapInh|CapAmb|Seccomp:)' /proc/self/status");
    }

    @Test
    void hasItsMounts() {
        docker.ok("run --rm --read-only --tmpfs /t:size=1m -v /v" + RUNC
                        + "busybox sh -c 'touch /t/x /v/x && echo rw; touch /x 2>/dev/null || echo ro;"
                        + " df -k /t | tail -1 | awk \"{print \\$2}\"; grep -c /etc/hosts /proc/mounts'")
                .prints("rw\nro\n1024\n1\n");
    }

    @Test
    void aTerminalOfTheClientsSize() {
        try (Started shell = docker.inTerminal("run --rm -it" + RUNC + "busybox sh")) {
            shell.awaitOutput("# ");
            shell.send(Docker.bytes("tty; echo $TERM; until stty size | grep '30 90'; do :; done; echo fi''rst\n"));
            shell.awaitOutput("first");
            // Until the client listens for changes of its terminal.
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            shell.send(Terminal.resize(41, 77));
            shell.send(Docker.bytes("until stty size | grep '41 77'; do sleep 0.05; done; echo s''een\n"));
            shell.awaitOutput("seen").send(Docker.bytes("exit 5\n"));
            shell.await(PATIENCE).exits(5).printsPart("/dev/pts/0", "xterm");
        }
    }

    @Test
    void controlCEndsWhatRunsInTheTerminal() {
        try (Started loop = docker.inTerminal("run --rm -it" + RUNC
                + "busybox sh -c 'trap \"echo caught; exit 4\" INT; echo up; while :; do sleep 0.1; done'")) {
            loop.awaitOutput("up").send(new byte[] {3});
            loop.await(PATIENCE).exits(4).printsPart("caught");
        }
    }

    @Test
    void detachesAndAttachesAgain() {
        try (Started shell = docker.inTerminal("run -it --name shell" + RUNC + "busybox sh")) {
            shell.awaitOutput("# ").send(Docker.bytes("first=kept; echo rea''dy\n"));
            shell.awaitOutput("ready").send(new byte[] {16, 17});
            shell.await(PATIENCE).ok();
        }
        try (Started again = docker.inTerminal("attach shell")) {
            again.send(Docker.bytes("echo still-$first\n"));
            again.awaitOutput("still-kept").send(Docker.bytes("exit 6\n"));
            again.await(PATIENCE).exits(6);
        }
    }

    @Test
    void execJoinsIt() {
        docker.ok("run -d --name box --env WHERE=container" + RUNC + "busybox sleep 600");
        docker.ok("exec box sh -c 'echo $WHERE; cat /proc/1/cmdline'").printsPart("container\nsleep");
        docker.ok("exec box sh -c 'cmp /proc/1/cgroup /proc/self/cgroup; for n in mnt uts ipc net pid; do"
                        + " [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo $n; done'")
                .prints("");
        docker.run("exec -i box sh -c 'cat; exit 3'", Docker.bytes("in\n"))
                .exits(3)
                .prints("in\n");
        try (Started shell = docker.inTerminal("exec -it box sh")) {
            shell.awaitOutput("# ").send(Docker.bytes("exit 4\n"));
            shell.await(PATIENCE).exits(4);
        }
    }

    @Test
    void logsStopAndStartAgain() {
        docker.ok("run -d --name runs" + RUNC
                + "busybox sh -c 'echo begins; trap \"echo ends; exit 3\" TERM; while :; do sleep 0.1; done'");
        docker.awaitLog("runs", "begins");
        docker.ok("stop runs");
        docker.ok("logs runs").prints("begins\nends\n");
        docker.ok("inspect --format '{{.State.ExitCode}} {{.State.Pid}}' runs").prints("3 0\n");
        docker.ok("start runs");
        docker.ok("kill runs");
        docker.ok("wait runs").prints("137\n");
        docker.ok("rm runs");
    }

    @Test
    void topStatsPauseAndLimits() {
        docker.ok("run -d --name runs --memory 32m" + RUNC + "busybox sleep 600");
        String pid = docker.value("runs", "{{.State.Pid}}");
        docker.probe("top runs -o pid,args").ok().printsMatch("^PID +COMMAND *\n" + pid + " +sleep 600 *\n$");
        docker.probe("stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' runs")
                .ok()
                .printsMatch("^1 [\\d.]+[KM]iB / 32MiB\n$");
        docker.ok("pause runs");
        docker.ok("inspect --format '{{.State.Status}}' runs").prints("paused\n");
        docker.ok("unpause runs");
        docker.probe("update --memory 64m --memory-swap 64m runs").ok();
        docker.probe("stats --no-stream --format '{{.MemUsage}}' runs").ok().printsMatch(" / 64MiB\n$");
        docker.ok("exec runs true");
        docker.ok("rm -f runs");
    }

    @Test
    void isToldThatItWantedTooMuchMemory() {
        docker.run("run --name large --memory 16m --memory-swap 16m --tmpfs /data:size=64m" + RUNC
                        + "busybox sh -c 'exec head -c 40m /dev/zero > /data/f'")
                .exits(137);
        docker.ok("inspect --format '{{.State.OOMKilled}}' large").prints("true\n");
    }

    @Test
    void filesAreCopiedWhileItRuns() throws Exception {
        docker.ok("run -d --name box --tmpfs /t" + RUNC + "busybox sh -c 'echo inside > /f; sleep 600'");
        Path file = write("sent", Docker.bytes("outside\n"));
        docker.probe("cp " + file + " box:/sent").ok();
        docker.ok("exec box cat /sent").prints("outside\n");
        docker.probe("cp box:/f " + docker.home().resolve("got")).ok();
        assertThat(docker.home().resolve("got")).hasContent("inside");
    }

    @Test
    void sharesNamespaces() {
        docker.ok("run -d --name donor --ipc shareable" + RUNC + "busybox sh -c 'echo kept > /dev/shm/f; sleep 600'");
        docker.ok("exec donor sh -c 'until [ -s /dev/shm/f ]; do :; done'");
        docker.ok("run --rm --ipc container:donor" + RUNC + "busybox cat /dev/shm/f")
                .prints("kept\n");
        docker.ok("run --rm --ipc container:donor --network none busybox cat /dev/shm/f")
                .prints("kept\n");
        docker.ok("run --rm --pid host --ipc host --uts host" + RUNC + "busybox sh -c 'cat /proc/1/comm | wc -l'")
                .prints("1\n");
        docker.ok("run --rm --runtime runc --network host busybox true");
    }

    @Test
    void anInitReaps() {
        docker.ok("run -d --init --name box" + RUNC + "busybox sleep 600");
        docker.ok("exec box sh -c 'tr \"\\0\" \" \" < /proc/1/cmdline'").printsPart("/sbin/docker-init -- sleep 600");
        docker.ok("stop -t 10 box");
        docker.run("wait box").ok();
    }

    /** Refusals are not compared word by word: this Docker Engine has older words for them. */
    @Test
    void commandThatIsNotThere() {
        docker.probe("run --rm" + RUNC + "busybox nosuchcommand")
                .exits(127)
                .says("exec: \"nosuchcommand\": executable file not found in $PATH");
        docker.probe("run --rm" + RUNC + "busybox /no/such/file").exits(127).says("/no/such/file");
        docker.probe("run --name tried" + RUNC + "busybox /etc/passwd")
                .exits(126)
                .says("permission denied");
        docker.ok("inspect --format '{{.State.Status}} {{.State.ExitCode}}' tried")
                .prints("created 126\n");
        docker.ok("logs tried").prints("").saysNothing();
        docker.probe("run --rm --user nosuchuser" + RUNC + "busybox true")
                .exits(125)
                .says("unable to find user nosuchuser: no matching entries in passwd file");
    }

    @Test
    void anUnknownOneIsRefused() {
        docker.probe("run --rm --runtime nosuch --network none busybox true")
                .exits(125)
                .says(
                        subject.longshore()
                                ? "unknown or invalid runtime name: nosuch"
                                : "Unknown runtime specified nosuch");
        docker.ok("ps -aq").prints("");
    }

    /** It takes cgroups of version 2 alone, or of version 1 alone. */
    @Test
    @LongshoreOnly("a Docker Engine has it only where its configuration says so")
    void crunRunsOrSaysWhyNot() {
        Outcome ran = docker.probe("run --name tried --runtime crun --network none busybox echo hello");
        boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        boolean hybrid = !unified && Files.exists(Path.of("/sys/fs/cgroup/unified/cgroup.controllers"));
        if (hybrid) {
            ran.exits(125).says("OCI runtime create failed: ", "cgroups");
            docker.ok("logs tried").prints("").saysNothing();
        } else {
            ran.ok().prints("hello\n");
        }
        docker.ok("rm tried");
    }
}
