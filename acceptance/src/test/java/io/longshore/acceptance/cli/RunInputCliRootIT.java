package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code docker run -i} and {@code attach}: standard input, half-close, and streams that end in order. */
class RunInputCliRootIT extends CliCases {
    private static final String RUN_I = "run --rm -i --network none ";

    @Test
    void passesInputThrough() {
        docker.run(RUN_I + "busybox cat", Docker.bytes("one\ntwo\n"))
                .ok()
                .prints("one\ntwo\n")
                .saysNothing();
    }

    @Test
    void endsInputWhenTheClientDoes() {
        docker.run(RUN_I + "busybox wc -c", new byte[300_000]).ok().prints("300000\n");
    }

    @Test
    void sendsOutputAfterInputHasEnded() {
        docker.run(RUN_I + "busybox sh -c 'cat >/dev/null; sleep 0.3; echo after; exit 4'", Docker.bytes("x"))
                .exits(4)
                .prints("after\n");
    }

    @Test
    void takesInputWhileTheClientStays() {
        try (Started shell = docker.start(RUN_I + "busybox sh")) {
            shell.send(Docker.bytes("echo first\n"));
            shell.awaitOutput("first\n");
            shell.send(Docker.bytes("echo second; exit 9\n"));
            shell.awaitOutput("second\n").await(Duration.ofSeconds(20)).exits(9);
        }
    }

    @Test
    void givesNoInputWithoutTheFlag() {
        docker.run("run --rm --network none busybox wc -c", Docker.bytes("ignored"))
                .ok()
                .prints("0\n");
    }

    @Test
    void carriesMegabytesBothWays() {
        byte[] input = new byte[8 << 20];
        java.util.Arrays.fill(input, (byte) 'a');
        Outcome outcome = docker.probe(RUN_I + "busybox cat", input).ok();
        assertThat(outcome.out()).hasSize(input.length);
    }

    @Test
    void losesNoOutputOfACommandThatEndsAtOnce() {
        docker.ok("run --rm --network none busybox seq 1 20000").printsMatch("\n19999\n20000\n$");
    }

    @Test
    void attachesToARunningContainer() {
        docker.ok("run -d -i --name shell --network none busybox sh");
        try (Started client = docker.start("attach shell")) {
            client.send(Docker.bytes("echo attached\n"));
            client.awaitOutput("attached\n").send(Docker.bytes("exit 6\n"));
            client.await(Duration.ofSeconds(20)).exits(6).prints("attached\n");
        }
        docker.ok("inspect --format '{{.State.Status}} {{.State.ExitCode}}' shell")
                .prints("exited 6\n");
    }

    @Test
    void refusesToAttachToWhatDoesNotRun() {
        docker.ok("create --name idle --network none busybox true");
        docker.run("attach idle").exits(1).says("You cannot attach to a stopped container, start it first");
        docker.run("attach nosuch").exits(1).says("No such container: nosuch");
    }

    @Test
    void leavesTheContainerWhenTheClientGoes() {
        try (Started client =
                docker.start("run --name stays --network none --sig-proxy=false busybox sh -c 'echo up; sleep 60'")) {
            client.awaitOutput("up\n");
        }
        docker.ok("inspect --format '{{.State.Running}}' stays").prints("true\n");
    }

    @Test
    void passesTheClientsSignalOn() {
        try (Started client = docker.start(
                "run --name trapped --network none busybox sh -c 'trap \"echo got it; exit 5\" TERM; echo up; while :; do sleep 0.1; done'")) {
            client.awaitOutput("up\n").terminate();
            client.await(Duration.ofSeconds(20)).exits(5).printsPart("got it\n");
        }
        docker.ok("inspect --format '{{.State.ExitCode}}' trapped").prints("5\n");
    }
}
