package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code docker exec}: user, environment, directory, input, exit codes, and what it refuses. Terminals: {@link TerminalCliRootIT}. */
class ExecCliRootIT extends CliCases {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @BeforeEach
    void aContainerRuns() {
        docker.probe("run -d --name box --network none --env WHERE=container --workdir /tmp busybox sleep 600")
                .ok();
    }

    @Test
    void runsAndPassesOutputAndExitCodeOn() {
        docker.ok("exec box echo hello").prints("hello\n").saysNothing();
        docker.run("exec box sh -c 'echo out; echo err >&2; exit 9'")
                .exits(9)
                .prints("out\n")
                .says("err");
        docker.run("exec box sh -c 'kill -9 $$'").exits(137);
    }

    @Test
    void joinsTheContainer() {
        docker.ok("exec box cat /proc/1/cmdline").printsPart("sleep");
        docker.ok(
                        "exec box sh -c 'cmp /proc/1/cgroup /proc/self/cgroup; for n in mnt uts ipc net pid; do"
                                + " [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo $n; done; hostname | wc -c'")
                .prints("13\n");
    }

    @Test
    void hasTheContainersEnvironmentAndItsOwn() {
        docker.ok("exec --env MORE=yes --env WHERE=session box sh -c 'echo $WHERE $MORE $HOME $PATH'")
                .prints("session yes /root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
        docker.ok("exec box sh -c 'echo $WHERE; pwd; id -u'").prints("container\n/tmp\n0\n");
    }

    @Test
    void hasNoMoreCapabilitiesThanTheContainer() {
        docker.ok(
                        "exec box sh -c 'for f in CapInh CapPrm CapEff CapBnd CapAmb Seccomp NoNewPrivs; do"
                                + " [ \"$(grep $f /proc/1/status)\" = \"$(grep $f /proc/self/status)\" ] || echo $f differs; done'")
                .prints("");
        docker.ok("exec --user 1000 box grep CapEff /proc/self/status").printsMatch("0000000000000000");
    }

    @Test
    void hasNoDescriptorsButItsStreams() {
        // The fourth is that of the directory that is listed.
        docker.ok("exec box ls /proc/self/fd").prints("0\n1\n2\n3\n");
    }

    @Test
    void userAndGroup() {
        docker.ok("exec --user 1000:2000 box sh -c 'id -u; id -g'").prints("1000\n2000\n");
        docker.ok("exec --user root box id -u").prints("0\n");
        docker.run("exec --user nosuchuser box id").exits(126).printsPart("unable to find user nosuchuser");
    }

    /** Refusals are not compared word by word: Docker Engine adds what its runtime says. */
    @Test
    void directory() {
        docker.ok("exec --workdir /etc box pwd").prints("/etc\n");
        docker.probe("exec --workdir /not/there box pwd")
                .exits(126)
                .printsPart("/not/there", "no such file or directory");
        docker.probe("exec --workdir relative box pwd").exits(126).printsPart("absolute path");
    }

    @Test
    void commandThatIsNotThere() {
        assertThat(docker.probe("exec box nosuchcommand")
                        .printsPart("exec failed", "nosuchcommand", "executable file not found in $PATH")
                        .code())
                .isIn(126, 127);
        docker.probe("exec box /etc/passwd").exits(126).printsPart("exec failed", "permission denied");
        docker.probe("exec box /tmp").exits(126).printsPart("permission denied");
    }

    @Test
    void passesInputThroughToItsEnd() {
        docker.run("exec -i box cat", Docker.bytes("one\ntwo\n")).ok().prints("one\ntwo\n");
        docker.run("exec -i box wc -c", new byte[300_000]).ok().prints("300000\n");
        docker.run("exec box wc -c", Docker.bytes("ignored")).ok().prints("0\n");
        docker.run("exec -i box sh -c 'cat >/dev/null; sleep 0.2; echo after; exit 4'", Docker.bytes("x"))
                .exits(4)
                .prints("after\n");
    }

    @Test
    void carriesMegabytesBothWays() {
        byte[] input = new byte[8 << 20];
        java.util.Arrays.fill(input, (byte) 'a');
        Outcome outcome = docker.probe("exec -i box cat", input).ok();
        assertThat(outcome.out()).hasSize(input.length);
    }

    @Test
    void detachedGoesOnByItself() {
        docker.ok("exec -d box sh -c 'sleep 0.3; echo done > /tmp/done'").prints("");
        docker.ok("exec box sh -c 'while [ ! -s /tmp/done ]; do sleep 0.05; done; cat /tmp/done'")
                .prints("done\n");
    }

    @Test
    void detachedSaysWhatIsWrong() {
        Outcome outcome = docker.run("exec -d box nosuchcommand");
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.err()).contains("nosuchcommand");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 gives a session capabilities that this machine lacks, and fails")
    void privilegedHasMore() {
        docker.ok(
                "exec --privileged box sh -c '[ \"$(grep CapEff /proc/1/status)\" != \"$(grep CapEff /proc/self/status)\" ]'");
    }

    @Test
    void endsWithTheContainer() {
        try (Started session = docker.start("exec box sh -c 'echo up; sleep 600'")) {
            session.awaitOutput("up\n");
            docker.ok("kill box");
            session.await(PATIENCE).exits(137);
        }
    }

    @Test
    void needsAContainerThatRuns() {
        docker.run("exec nosuch true").exits(1).says("No such container: nosuch");
        docker.ok("stop -t 0 box");
        docker.run("exec box true").exits(1).says("is not running");
        docker.ok("create --name fresh --network none busybox true");
        docker.run("exec fresh true").exits(1).says("is not running");
    }

    @Test
    void needsACommand() {
        docker.run("exec box").exits(1).says("requires at least 2 arguments");
    }

    @Test
    void isTold() {
        docker.probe("exec box true").ok();
        events(
                        "box",
                        "--filter event=exec_create --filter event=exec_start --filter event=exec_die"
                                + " --format '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}'")
                .prints("exec_create: true  box <no value>\nexec_start: true  box <no value>\nexec_die box 0\n");
    }

    @Test
    void manyAtOnce() {
        var sessions = new java.util.ArrayList<Started>();
        for (int i = 0; i < 8; i++) {
            sessions.add(docker.start("exec box sh -c 'sleep 0.2; exit " + i + "'"));
        }
        for (int i = 0; i < 8; i++) {
            try (Started session = sessions.get(i)) {
                session.await(PATIENCE).exits(i);
            }
        }
    }

    @Test
    void isInspectedWhileItRuns() {
        try (Started session = docker.start("exec box sh -c 'echo up; sleep 600'")) {
            session.awaitOutput("up\n");
            docker.ok("inspect --format '{{len .ExecIDs}}' box").prints("1\n");
        }
        docker.ok("kill box");
    }

    @Test
    void seesTheContainersFiles() {
        docker.ok("exec box sh -c 'echo kept > /tmp/file'");
        docker.ok("exec box cat /tmp/file").prints("kept\n");
        docker.ok("exec box sh -c 'ls -d /proc/1 /sys/kernel /dev/null | wc -l'")
                .prints("3\n");
    }
}
