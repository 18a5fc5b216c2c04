package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code docker stop}, {@code kill} and {@code restart}. */
class StopCliRootIT extends CliCases {
    private static final String TRAP =
            "sh -c 'trap \"echo term; exit 7\" TERM; trap \"echo usr1; exit 8\" USR1; echo up; while :; do sleep 0.05; done'";

    private void trapping(String options) {
        docker.probe("run -d --name traps --network none " + options + " busybox " + TRAP)
                .ok();
        try (Started logs = docker.start("logs -f traps")) {
            logs.awaitOutput("up\n");
        }
    }

    @Test
    void stopSendsTheStopSignal() {
        trapping("");
        docker.ok("stop traps").prints("traps\n");
        docker.ok("inspect --format '{{.State.Status}} {{.State.ExitCode}}' traps")
                .prints("exited 7\n");
        docker.ok("logs traps").prints("up\nterm\n");
    }

    @Test
    void stopUsesTheContainersOwnSignal() {
        trapping("--stop-signal SIGUSR1");
        docker.ok("stop traps");
        docker.ok("inspect --format '{{.Config.StopSignal}} {{.State.ExitCode}}' traps")
                .prints("SIGUSR1 8\n");
    }

    @Test
    void stopKillsWhatDoesNotListen() {
        docker.ok("run -d --name deaf --network none busybox sh -c 'trap \"\" TERM; while :; do sleep 0.05; done'");
        long begin = System.nanoTime();
        docker.ok("stop -t 1 deaf").prints("deaf\n");
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(8));
        docker.ok("inspect --format '{{.State.ExitCode}}' deaf").prints("137\n");
    }

    @Test
    void stopOfAStoppedContainerChangesNothing() {
        docker.run("run --name ended --network none busybox sh -c 'exit 3'").exits(3);
        docker.ok("stop ended").prints("ended\n");
        docker.ok("inspect --format '{{.State.ExitCode}}' ended").prints("3\n");
    }

    @Test
    void stopSeveralNamesTheOneThatFails() {
        docker.ok("run -d --name one --network none busybox sleep 60");
        docker.ok("run -d --name two --network none busybox sleep 60");
        docker.run("stop -t 0 one nosuch two").exits(1).prints("one\ntwo\n").says("No such container: nosuch");
        docker.ok("ps -q").prints("");
    }

    @Test
    void stopRefusesABadTimeout() {
        docker.run("stop -t soon x").exits(125).says("soon");
    }

    @Test
    void killEndsAtOnce() {
        docker.ok("run -d --name deaf --network none busybox sh -c 'trap \"\" TERM; while :; do sleep 0.05; done'");
        docker.ok("kill deaf").prints("deaf\n");
        docker.awaitExit("deaf");
        docker.ok("inspect --format '{{.State.ExitCode}} {{.State.OOMKilled}}' deaf")
                .prints("137 false\n");
    }

    @Test
    void killSendsAnySignal() {
        trapping("");
        docker.ok("kill -s USR1 traps").prints("traps\n");
        docker.awaitExit("traps");
        docker.ok("inspect --format '{{.State.ExitCode}}' traps").prints("8\n");
    }

    @Test
    void killTakesASignalsNumber() {
        trapping("");
        docker.ok("kill -s 15 traps");
        docker.awaitExit("traps");
        docker.ok("logs traps").prints("up\nterm\n");
    }

    @Test
    void killWithAnotherSignalLeavesItRunning() {
        docker.ok(
                "run -d --name deaf --network none busybox sh -c 'trap \"echo hup\" HUP; echo up; while :; do sleep 0.05; done'");
        try (Started logs = docker.start("logs -f deaf")) {
            logs.awaitOutput("up\n");
            docker.ok("kill -s HUP deaf");
            logs.awaitOutput("hup\n");
        }
        docker.ok("inspect --format '{{.State.Running}}' deaf").prints("true\n");
    }

    @Test
    void killRefusesWhatDoesNotRun() {
        docker.ok("create --name idle --network none busybox true");
        docker.run("kill idle")
                .exits(1)
                .saysMatch("[Cc]annot kill container: idle: [Cc]ontainer [0-9a-f]{64} is not running");
        docker.run("kill nosuch").exits(1).says("No such container: nosuch");
        docker.ok("run -d --name runs --network none busybox sleep 60");
        docker.run("kill -s NOSUCH runs").exits(1).saysMatch("[Ii]nvalid signal: NOSUCH");
        docker.ok("inspect --format '{{.State.Running}}' runs").prints("true\n");
    }

    @Test
    void restartRunsItAgain() {
        trapping("");
        String before = docker.value("traps", "{{.State.StartedAt}}");
        docker.ok("restart traps").prints("traps\n");
        docker.ok("inspect --format '{{.State.Running}} {{.RestartCount}}' traps")
                .prints("true 0\n");
        assertThat(docker.value("traps", "{{.State.StartedAt}}")).isGreaterThan(before);
        try (Started logs = docker.start("logs -f traps")) {
            logs.awaitOutput("up\nterm\nup\n");
        }
    }

    @Test
    void restartStartsAStoppedContainer() {
        docker.ok("create --name idle --network none busybox sleep 60");
        docker.ok("restart -t 0 idle").prints("idle\n");
        docker.ok("inspect --format '{{.State.Running}}' idle").prints("true\n");
        docker.ok("restart -t 0 idle");
        docker.ok("inspect --format '{{.State.Running}}' idle").prints("true\n");
    }

    @Test
    void restartRefusesWhatIsNotThere() {
        docker.run("restart nosuch").exits(1).says("No such container: nosuch");
    }
}
