package io.longshore.acceptance.clients;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.api.model.StreamType;
import io.longshore.testbed.image.TarArchive;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Containers, their files and their streams. */
record ContainerSession(DockerClient client, Lines lines) {

    void run() throws IOException, InterruptedException {
        client.pingCmd().exec();
        lines.tell(
                "engine",
                client.versionCmd().exec().getOperatingSystem(),
                client.infoCmd().exec().getOsType());
        oneThatEnds();
        oneThatRuns();
        attached();
        exec();
        logsAndStats();
    }

    private CreateContainerCmd busybox(String name, String... command) {
        return client.createContainerCmd("busybox")
                .withName(name)
                .withCmd(command)
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"));
    }

    private String started(String name, String... command) {
        String id = busybox(name, command).exec().getId();
        client.startContainerCmd(id).exec();
        return id;
    }

    private int waited(String id) {
        return client.waitContainerCmd(id)
                .exec(new WaitContainerResultCallback())
                .awaitStatusCode(30, TimeUnit.SECONDS);
    }

    private void oneThatEnds() throws InterruptedException {
        String id = busybox("one", "sh", "-c", "echo out; echo err >&2; exit 3")
                .withEnv("COLOUR=blue")
                .withLabels(Map.of("tier", "front"))
                .exec()
                .getId();
        lines.refused("name in use", () -> busybox("one").exec(), "already in use", id);
        client.startContainerCmd(id).exec();
        lines.tell("waited", waited(id));
        InspectContainerResponse seen = client.inspectContainerCmd(id).exec();
        lines.tell("state", seen.getState().getStatus(), seen.getState().getExitCodeLong(), seen.getName());
        lines.tell(
                "config",
                seen.getConfig().getLabels(),
                Arrays.toString(seen.getConfig().getCmd()));
        Heard<Frame> logs = client.logContainerCmd(id)
                .withStdOut(true)
                .withStdErr(true)
                .exec(new Heard<>())
                .toItsEnd();
        lines.tell("logs", Heard.text(logs, StreamType.STDOUT), Heard.text(logs, StreamType.STDERR));
        lines.tell(
                "listed",
                client.listContainersCmd().withShowAll(true).withLabelFilter(List.of("tier=front")).exec().stream()
                        .map(each -> each.getNames()[0] + " " + each.getState())
                        .toList());
        lines.refused("killed when ended", () -> client.killContainerCmd(id).exec(), "is not running");
        client.removeContainerCmd(id).exec();
        lines.refused("removed", () -> client.inspectContainerCmd(id).exec(), "No such container: " + id);
        lines.refused(
                "no image", () -> client.createContainerCmd("not-there").exec(), "No such image: not-there:latest");
        String broken = busybox("broken", "nothing").exec().getId();
        lines.refused("no such command", () -> client.startContainerCmd(broken).exec(), "nothing");
        client.removeContainerCmd(broken).exec();
    }

    private void oneThatRuns() throws IOException {
        String id = started("two", "sleep", "600");
        lines.refused("started twice", () -> client.startContainerCmd(id).exec());
        lines.refused(
                "removed while it runs", () -> client.removeContainerCmd(id).exec(), "running container");
        client.pauseContainerCmd(id).exec();
        lines.tell("paused", client.inspectContainerCmd(id).exec().getState().getPaused());
        client.unpauseContainerCmd(id).exec();
        client.renameContainerCmd(id).withName("renamed").exec();
        client.updateContainerCmd(id)
                .withMemory(48L << 20)
                .withMemorySwap(64L << 20)
                .exec();
        lines.tell(
                "updated",
                client.inspectContainerCmd("renamed").exec().getHostConfig().getMemory());
        lines.tell("top", client.topContainerCmd(id).exec().getProcesses().length);
        byte[] archive = new TarArchive().file("note", "notes").bytes();
        client.copyArchiveToContainerCmd(id)
                .withRemotePath("/tmp")
                .withTarInputStream(new ByteArrayInputStream(archive))
                .exec();
        try (InputStream copy =
                client.copyArchiveFromContainerCmd(id, "/tmp/note").exec()) {
            lines.tell("got", new String(copy.readAllBytes(), StandardCharsets.UTF_8).contains("notes"));
        }
        lines.refused(
                "no such file",
                () -> client.copyArchiveFromContainerCmd(id, "/tmp/nothing").exec(),
                "nothing");
        lines.tell(
                "changed",
                client.containerDiffCmd(id).exec().stream()
                        .map(change -> change.getPath() + " " + change.getKind())
                        .toList());
        client.restartContainerCmd(id).withTimeout(0).exec();
        client.stopContainerCmd(id).withTimeout(0).exec();
        lines.tell("stopped", client.inspectContainerCmd(id).exec().getState().getExitCodeLong());
        lines.refused("stopped twice", () -> client.stopContainerCmd(id).exec());
        client.removeContainerCmd(id).withRemoveVolumes(true).exec();
    }

    private void attached() throws InterruptedException {
        String id = busybox("reader", "sh", "-c", "read line; echo got $line")
                .withStdinOpen(true)
                .withStdInOnce(true)
                .exec()
                .getId();
        Heard<Frame> heard = client.attachContainerCmd(id)
                .withStdIn(new ByteArrayInputStream("words\n".getBytes(StandardCharsets.UTF_8)))
                .withStdOut(true)
                .withStdErr(true)
                .withFollowStream(true)
                .exec(new Heard<>());
        heard.awaitStarted();
        client.startContainerCmd(id).exec();
        lines.tell("attached", Heard.text(heard.toItsEnd(), StreamType.STDOUT));
        lines.tell("its end", waited(id));
        client.removeContainerCmd(id).exec();
    }

    private void exec() throws InterruptedException {
        String id = started("box", "sleep", "600");
        String session = client.execCreateCmd(id)
                .withCmd("sh", "-c", "read a; echo got $a; echo err >&2; exit 5")
                .withAttachStdin(true)
                .withAttachStdout(true)
                .withAttachStderr(true)
                .exec()
                .getId();
        Heard<Frame> heard = client.execStartCmd(session)
                .withStdIn(new ByteArrayInputStream("words\n".getBytes(StandardCharsets.UTF_8)))
                .exec(new Heard<>())
                .toItsEnd();
        lines.tell("exec", Heard.text(heard, StreamType.STDOUT), Heard.text(heard, StreamType.STDERR));
        lines.tell("its code", client.inspectExecCmd(session).exec().getExitCodeLong());
        String quiet = client.execCreateCmd(id).withCmd("true").exec().getId();
        client.execStartCmd(quiet).withDetach(true).exec(new Heard<>()).toItsEnd();
        client.removeContainerCmd(id).withForce(true).exec();
        lines.refused(
                "exec in none", () -> client.execCreateCmd(id).withCmd("true").exec(), "No such container");
    }

    private void logsAndStats() throws IOException, InterruptedException {
        String id = started("clock", "sh", "-c", "for i in 1 2 3; do echo tick $i; sleep 0.5; done; sleep 600");
        Heard<Frame> following = client.logContainerCmd(id)
                .withStdOut(true)
                .withFollowStream(true)
                .exec(new Heard<>());
        following.until(frame -> frame.toString().contains("tick 3"));
        following.close();
        lines.tell("logs follow", Heard.text(following, StreamType.STDOUT).replace('\n', ','));
        Heard<Statistics> stats = client.statsCmd(id).exec(new Heard<>());
        stats.until(one -> stats.all().size() > 1);
        stats.close();
        lines.tell(
                "stats",
                Objects.requireNonNull(stats.all().get(1).getMemoryStats().getUsage()) > 0);
        client.killContainerCmd(id).exec();
        lines.tell("killed", waited(id));
        client.removeContainerCmd(id).exec();
    }
}
