package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code docker inspect}. */
class InspectCliRootIT extends CliCases {
    @Test
    void printsOneArrayOfAll() {
        docker.ok("create --name one --network none busybox true");
        docker.ok("create --name two --network none busybox true");
        docker.probe("inspect one two")
                .ok()
                .printsMatch("(?s)^\\[\n    \\{\n        \"Id\".*\"/one\".*\"/two\".*\\]\n$");
        docker.ok("inspect --format '{{.Name}}' one two").prints("/one\n/two\n");
    }

    @Test
    void formatsAsJson() {
        docker.ok("create --name one --network none -w /tmp -e A=1 --label k=v busybox echo x");
        docker.ok(
                        "inspect --format '{{json .Config.Cmd}} {{json .Config.WorkingDir}} {{json .Config.Labels}} {{.Config.Image}}' one")
                .prints("[\"echo\",\"x\"] \"/tmp\" {\"k\":\"v\"} busybox\n");
    }

    @Test
    void tellsTheStateWhileRunningAndAfter() {
        docker.ok("run -d --name runs --network none busybox sleep 60");
        docker.ok(
                        "inspect --format '{{.State.Status}} {{.State.Running}} {{.State.Paused}} {{.State.Dead}} {{.RestartCount}}' runs")
                .prints("running true false false 0\n");
        long pid = Long.parseLong(docker.value("runs", "{{.State.Pid}}"));
        assertThat(pid).isPositive();
        if (subject.longshore()) {
            assertThat(ProcessHandle.of(pid))
                    .as("the process that inspect names")
                    .isPresent();
        }
        docker.ok("kill runs");
        docker.awaitExit("runs");
        docker.ok("inspect --format '{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.State.ExitCode}}' runs")
                .prints("exited false 0 137\n");
        assertThat(docker.value("runs", "{{.State.FinishedAt}}"))
                .isGreaterThan(docker.value("runs", "{{.State.StartedAt}}"));
    }

    @Test
    void findsByPartOfTheId() {
        String id = docker.ok("create --name one --network none busybox true").text();
        docker.probe("inspect --format '{{.Name}}' " + id.substring(0, 10)).ok().prints("/one\n");
    }

    @Test
    void findsContainerBeforeImage() {
        docker.ok("create --name busybox --network none busybox true");
        docker.ok("inspect --format '{{.Name}}' busybox").prints("/busybox\n");
        docker.ok("inspect --type image --format '{{.Os}}' busybox").prints("linux\n");
    }

    @Test
    void refusesWhatIsNotThere() {
        docker.ok("create --name one --network none busybox true");
        docker.run("inspect --format '{{.Name}}' one nosuch")
                .exits(1)
                .prints("/one\n")
                .says("nosuch");
        docker.run("container inspect nosuch").exits(1).says("No such container: nosuch");
        docker.run("image inspect nosuch").exits(1).says("No such image: nosuch");
        docker.run("inspect --format '{{.Nope}}' one").exits(1).says("Nope");
    }

    @Test
    void givesTheSizeWhenAsked() {
        docker.ok("run --name written --network none busybox sh -c 'head -c 1000 /dev/zero >/file'");
        docker.ok("inspect --size --format '{{.SizeRw}}' written").prints("1000\n");
    }

    @Test
    void tellsPathsAndDriver() {
        docker.ok("create --name one --network none busybox true");
        docker.ok(
                        "inspect --format '{{.Driver}} {{.Platform}} {{.HostConfig.LogConfig.Type}} {{.HostConfig.NetworkMode}} {{.MountLabel}}{{.ProcessLabel}}' one")
                .prints("overlay2 linux json-file none \n");
    }
}
