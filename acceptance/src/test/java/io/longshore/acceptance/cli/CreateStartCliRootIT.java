package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code docker create} and {@code docker start}. */
class CreateStartCliRootIT extends CliCases {
    @Test
    void createPrintsTheIdAndStartsNothing() {
        String id =
                docker.ok("create --name made --network none busybox echo out").text();
        assertThat(id).matches("[0-9a-f]{64}");
        docker.ok(
                        "inspect --format '{{.Id}} {{.State.Status}} {{.State.Pid}} {{.State.StartedAt}} {{.State.FinishedAt}}' made")
                .prints(id + " created 0 0001-01-01T00:00:00Z 0001-01-01T00:00:00Z\n");
        docker.ok("logs made").prints("");
    }

    @Test
    void createGivesANameOfItsOwn() {
        String id = docker.ok("create --network none busybox true").text();
        assertThat(docker.value(id, "{{.Name}}")).matches("/[a-z]+_[a-z]+\\d*");
    }

    @Test
    void createRefusesANameInUse() {
        docker.ok("create --name twice --network none busybox true");
        docker.run("create --name twice --network none busybox true")
                .exits(1)
                .says("Conflict. The container name \"/twice\" is already in use");
    }

    @Test
    void createRefusesAnUnknownImage() {
        docker.run("create --pull never --network none nosuch true").exits(1).says("No such image: nosuch:latest");
    }

    @Test
    void createRefusesAnUnknownNetwork() {
        docker.run("run --rm --network nosuchnet busybox true").exits(125).says("network nosuchnet not found");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void startPrintsTheName() {
        docker.ok("create --name ready --network none busybox sh -c 'echo out; exit 3'");
        docker.ok("start ready").prints("ready\n");
        docker.awaitExit("ready");
        docker.ok("inspect --format '{{.State.ExitCode}}' ready").prints("3\n");
        docker.ok("logs ready").prints("out\n");
    }

    @Test
    void startAttachedGivesOutputAndExitCode() {
        docker.ok("create --name ready --network none busybox sh -c 'echo out; echo err >&2; exit 3'");
        docker.run("start -a ready").exits(3).prints("out\n").says("err\n");
        docker.run("start -a ready").exits(3).prints("out\n");
        docker.ok("logs ready").prints("out\nout\n");
    }

    @Test
    void startWithInput() {
        docker.ok("create -i --name reader --network none busybox sh -c 'read line; echo read:$line'");
        docker.run("start -ai reader", Docker.bytes("hello\n")).ok().prints("read:hello\n");
    }

    @Test
    void startOfARunningContainerChangesNothing() {
        docker.ok("run -d --name runs --network none busybox sleep 60");
        String before = docker.value("runs", "{{.State.Pid}} {{.State.StartedAt}}");
        docker.ok("start runs").prints("runs\n");
        assertThat(docker.value("runs", "{{.State.Pid}} {{.State.StartedAt}}")).isEqualTo(before);
    }

    @Test
    void startKeepsWhatWasWritten() {
        docker.ok("create --name writer --network none busybox sh -c 'cat /kept 2>/dev/null; echo kept >/kept'");
        docker.ok("start -a writer").prints("");
        docker.ok("start -a writer").prints("kept\n");
    }

    @Test
    void startSeveralNamesTheOneThatFails() {
        docker.ok("create --name first --network none busybox true");
        docker.run("start first nosuch").exits(1).prints("first\n").says("No such container: nosuch");
        docker.awaitExit("first");
    }

    @Test
    void startTakesAShortId() {
        String id = docker.ok("create --network none busybox sleep 60").text();
        docker.ok("start " + id.substring(0, 12)).prints(id.substring(0, 12) + "\n");
        assertThat(docker.value(id, "{{.State.Running}}")).isEqualTo("true");
    }

    @Test
    void startTellsWhyAContainerCannotStart() {
        docker.ok("create --name broken --network none busybox nosuchcommand");
        docker.run("start broken")
                .exits(1)
                .says("executable file not found in $PATH", "failed to start containers: broken");
        docker.ok("inspect --format '{{.State.Status}} {{.State.ExitCode}}' broken")
                .prints("created 127\n");
    }
}
