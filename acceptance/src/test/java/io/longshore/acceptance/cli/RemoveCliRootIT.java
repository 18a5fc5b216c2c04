package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker rm} and {@code docker container prune}. */
class RemoveCliRootIT extends VolumeCases {
    @Test
    void removesWhatHasEnded() {
        docker.ok("run --name ended --network none busybox true");
        docker.ok("rm ended").prints("ended\n");
        docker.run("inspect ended").exits(1).says("No such object: ended");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void removesWhatNeverRan() {
        docker.ok("create --name made --network none busybox true");
        docker.ok("rm made").prints("made\n");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void refusesWhatRuns() {
        docker.ok("run -d --name runs --network none busybox sleep 60");
        docker.run("rm runs")
                .exits(1)
                .says(
                        "You cannot remove a running container",
                        "Stop the container before attempting removal or force remove");
        docker.ok("inspect --format '{{.State.Running}}' runs").prints("true\n");
    }

    @Test
    void forceKillsFirst() {
        docker.ok("run -d --name runs --network none busybox sleep 60");
        long pid = Long.parseLong(docker.value("runs", "{{.State.Pid}}"));
        docker.ok("rm -f runs").prints("runs\n");
        docker.ok("ps -aq").prints("");
        if (subject.longshore()) {
            assertThat(ProcessHandle.of(pid)).as("the container's process").isEmpty();
        }
    }

    @Test
    void removesSeveralAndNamesTheOneThatFails() {
        docker.ok("create --name one --network none busybox true");
        docker.ok("create --name two --network none busybox true");
        docker.run("rm one nosuch two").exits(1).prints("one\ntwo\n").says("No such container: nosuch");
        docker.ok("ps -aq").prints("");
    }

    private List<String> volumes() {
        return docker.probe("volume ls -q").ok().lines();
    }

    @Test
    void removesAnonymousVolumesIfAsked() {
        docker.ok("run --name keeps --network none -v /data busybox touch /data/file");
        String volume = docker.value("keeps", "{{.Mounts.0.Name}}");
        assertThat(volume).matches("[0-9a-f]{64}");
        assertThat(volumes()).contains(volume);
        docker.ok("rm -v keeps").prints("keeps\n");
        assertThat(volumes()).doesNotContain(volume);
        List<String> before = volumes();
        docker.ok("run --rm --network none -v /data busybox touch /data/file");
        assertThat(volumes()).isEqualTo(before);
    }

    @Test
    void leavesAnonymousVolumesIfNotAsked() {
        docker.ok("create --name keeps --network none -v /data busybox true");
        String volume = docker.value("keeps", "{{.Mounts.0.Name}}");
        docker.ok("rm keeps");
        assertThat(volumes()).contains(volume);
        docker.ok("volume inspect --format '{{.Name}} {{.Driver}} {{.Scope}}' " + volume)
                .prints(volume + " local local\n");
    }

    @Test
    void aNameIsFreeAfterItsRemoval() {
        for (int i = 0; i < 3; i++) {
            docker.ok("run --name same --network none busybox true");
            docker.ok("rm same");
        }
    }

    @Test
    void pruneRemovesOnlyWhatDoesNotRun() {
        docker.ok("create --name made --network none busybox true");
        docker.ok("run --name ended --network none busybox true");
        docker.ok("run -d --name runs --network none busybox sleep 60");
        String made = docker.value("made", "{{.Id}}");
        String ended = docker.value("ended", "{{.Id}}");
        docker.probe("container prune -f")
                .ok()
                .printsPart("Deleted Containers:\n", made + "\n", ended + "\n", "Total reclaimed space: ");
        docker.ok("ps -a --format {{.Names}}").prints("runs\n");
    }

    @Test
    void pruneFilters() {
        docker.ok("create --name keep --network none --label keep=yes busybox true");
        docker.ok("create --name drop --network none busybox true");
        docker.probe("container prune -f --filter label!=keep=yes").ok();
        docker.ok("ps -a --format {{.Names}}").prints("keep\n");
        docker.probe("container prune -f --filter until=24h").ok();
        docker.ok("ps -a --format {{.Names}}").prints("keep\n");
        docker.probe("container prune -f --filter label=keep").ok();
        docker.ok("ps -a --format {{.Names}}").prints("");
    }

    @Test
    void pruneRefusesAnUnknownFilter() {
        docker.ok("create --name made --network none busybox true");
        docker.run("container prune -f --filter colour=blue").exits(1).saysMatch("[Ii]nvalid filter '?colour");
        docker.ok("ps -a --format {{.Names}}").prints("made\n");
    }
}
