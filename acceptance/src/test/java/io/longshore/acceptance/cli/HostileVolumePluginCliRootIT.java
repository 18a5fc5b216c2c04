package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plugin that means ill, or is ill, and an agent that dies: containers get what is theirs, the plugin is told what it is to be told. */
@LongshoreOnly(
        "Docker Engine mounts the host's root into a container if a plugin says so, and waits for one that hangs for minutes")
class HostileVolumePluginCliRootIT extends PluginCases {
    private void refused(String place) {
        refused(place, "is refused");
    }

    private void refused(String place, String how) {
        plugin.answers("Mount", "{\"Mountpoint\":\"" + place + "\"}");
        // The command ends with 127 where it reads of no such file.
        Outcome outcome = docker.probe("run --rm --network none -v data:/data busybox ls /data");
        assertThat(outcome.code()).isIn(125, 126, 127);
        outcome.prints("")
                .says("error while mounting volume 'data': volume plugin plugged says that it is at \"" + place
                        + "\", which " + how);
        plugin.answersWell("Mount");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/etc",
                "/proc/1/root",
                "/sys/fs/cgroup",
                "/dev",
                "/var",
                "/root/.ssh",
                "relative",
                "../../etc",
                "/tmp/../etc",
                "/tmp",
                "/etc/passwd"
            })
    void placesThatAreNoVolumesAreRefused(String place) {
        docker.ok("volume create -d plugged data");
        refused(place);
        awaitCalls("Unmount", plugin.calls("Mount").size());
    }

    @Test
    void placesThatAreNotThereAreTold() {
        docker.ok("volume create -d plugged data");
        refused("/no/such/place", "cannot be mounted: openat2 /no/such/place: ENOENT");
        awaitCalls("Unmount", plugin.calls("Mount").size());
    }

    @Test
    void placesOfOursAndLinksAreRefused() throws IOException {
        Longshore longshore = (Longshore) docker.engine();
        docker.ok("volume create -d plugged data");
        docker.ok("volume create own");
        Path link = Files.createSymbolicLink(docker.home().resolve("link"), plugin.volumes());
        for (Path place : List.of(
                longshore.work(),
                longshore.work().resolve("volumes/own/_data"),
                longshore.work().resolve("..").normalize(),
                longshore.agentRun(),
                longshore.socket().resolve("..").normalize(),
                link,
                link.resolve("data"))) {
            refused(place.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hang", "hang up", "endless body", "endless head", "not json", "[]", "{\"Mountpoint\":7}"})
    void aBadAnswerFailsOneStartAndNothingElse(String answer) {
        docker.ok("volume create -d plugged data");
        plugin.answers("Mount", answer);
        try (Started run = docker.start("run --rm --network none -v data:/data busybox true")) {
            // Two calls are given up after 15 s each.
            run.await(Duration.ofSeconds(90)).exits(125).says("error while mounting volume 'data'");
        }
        plugin.answersWell("Mount");
        shell("-v data:/data", "echo well > /data/file").ok();
        assertThat(plugin.volumes().resolve("data/file")).hasContent("well");
    }

    @Test
    void namesInAListThatLeadElsewhereAreLeftOut() {
        plugin.answers(
                "List",
                "{\"Volumes\":[{\"Name\":\"../../etc\"},{\"Name\":\"/etc\"},{\"Name\":\"a\\u001b[31m\"},{\"Name\":\"\"},{},7,"
                        + "{\"Name\":\"good\",\"Mountpoint\":\"/etc\\u001b[2J\",\"Status\":[]}]}");
        docker.ok("volume ls -q").prints("good\n");
        assertThat(docker.engine()
                        .call(Request.get("/volumes"))
                        .json()
                        .at("/Volumes/0/Mountpoint")
                        .asString())
                .isEmpty();
        plugin.answers("List", "endless body");
        docker.ok("volume ls -q").prints("");
        plugin.answersWell("List");
    }

    @Test
    void aPluginThatHangsHoldsUpNeitherAnEndNorOthers() {
        docker.ok("volume create -d plugged data");
        docker.ok("run -d --name held --network none -v data:/data busybox sleep 60");
        plugin.answers("Unmount", "hang");
        long begin = System.nanoTime();
        docker.ok("stop -t 0 held");
        docker.ok("rm held");
        // Who waits for the plugin waits until the call is given up after 15 s; who does not, for two seconds.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(14));
        shell("-v own:/data", "true").ok();
        plugin.answersWell("Unmount");
    }

    @Test
    void aPluginThatIsAwayHearsOfAnEndLater() {
        docker.ok("volume create -d plugged data");
        docker.ok("run -d --name ends --network none -v data:/data busybox sleep 60");
        plugin.kill();
        try {
            docker.ok("rm -f ends");
            docker.probe("volume create -d plugged more").exits(1).says("volume plugin plugged does not listen");
            docker.ok("volume ls -q").prints("data\n");
        } finally {
            plugin.restart();
        }
        awaitCalls("Unmount", plugin.calls("Mount").size());
        assertThat(plugin.calls("Unmount")).isEqualTo(plugin.calls("Mount"));
    }

    @Test
    void anAgentThatDiesForgetsNoUnmountAndRepeatsNoMount() {
        Longshore longshore = (Longshore) docker.engine();
        docker.ok("volume create -d plugged data");
        docker.ok("run -d --name stays --network none -v data:/data busybox sleep 600");
        docker.ok("run -d --name ends --network none -v data:/data busybox sh -c 'until [ -e /data/go ]; do :; done'");
        plugin.forget();
        longshore.crash();
        Path go = plugin.volumes().resolve("data/go");
        try {
            Files.createFile(go);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        longshore.restart();
        docker.awaitExit("ends");
        awaitCalls("Unmount", 1);
        docker.ok("exec stays ls /data").prints("go\n");
        docker.ok("stop -t 0 stays");
        awaitCalls("Unmount", 2);
        assertThat(plugin.calls("Unmount"))
                .containsExactly(
                        "Name=data ID=" + docker.value("ends", "{{.Id}}"),
                        "Name=data ID=" + docker.value("stays", "{{.Id}}"));
        assertThat(plugin.calls("Mount")).isEmpty();
        docker.ok("start stays");
        docker.ok("exec stays ls /data").prints("go\n");
    }
}
