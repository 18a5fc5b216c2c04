package io.longshore.acceptance.standalone;

import static io.longshore.acceptance.running.TwoNodes.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.TwoNodes;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Two nodes with drivers of their own, the second in a network namespace, and a system registry, driven by the docker command at the first one's socket: what it does with a
 * container it does on whichever node that is.
 */
@Order(7)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("io.longshore.acceptance.standalone.TwoNodesRootIT")
class TwoNodesRootIT {
    private static final String FAR = "--network none --label io.longshore.placement.constraint=node.hostname==tug ";
    private static final String NEAR = "--network none --label io.longshore.placement.constraint=node.hostname!=tug ";

    private static TwoNodes nodes;

    @BeforeAll
    static void start() throws IOException {
        nodes = TwoNodes.start("tug", 0);
    }

    @AfterAll
    static void stop() {
        nodes.close();
    }

    @AfterEach
    void removeAll() {
        nodes.removeAll();
    }

    private static Program shell(String line) {
        return nodes.shell(line);
    }

    private static Program docker(String line) {
        return nodes.docker(line);
    }

    private static String ok(String line) {
        return nodes.ok(line);
    }

    private static String cgroup(String container) throws IOException {
        String pid = ok("inspect --format {{.State.Pid}} " + container).strip();
        return Files.readString(Path.of("/proc", pid, "cgroup"));
    }

    @Test
    void whatTheCommandDoesItDoesOnTheOtherNode(@TempDir Path directory) throws IOException {
        ok("run -d --name far " + FAR + "busybox sh -c 'echo hello; exec sleep 600'");
        ok("run -d --name near " + NEAR + "busybox sleep 600");
        assertThat(cgroup("far"))
                .contains(nodes.second().cgroup())
                .doesNotContain(nodes.first().cgroup());
        assertThat(cgroup("near"))
                .contains(nodes.first().cgroup())
                .doesNotContain(nodes.second().cgroup());
        assertThat(ok("node ps --format {{.Name}} tug")).isEqualTo("far.1\n");
        assertThat(ok("ps --format {{.Names}}").lines()).containsExactlyInAnyOrder("far", "near");
        await("its output", () -> ok("logs far").equals("hello\n"));
        assertThat(ok("exec far sh -c 'echo in; echo on >&2'")).isEqualTo("in\n");
        assertThat(docker("exec far sh -c 'exit 7'").code()).isEqualTo(7);
        assertThat(shell("seq 50000 | docker exec -i far md5sum").ok().out())
                .isEqualTo(shell("seq 50000 | md5sum").ok().out());
        Path file = Files.writeString(directory.resolve("file"), "carried\n");
        ok("cp " + file + " far:/tmp/file");
        assertThat(ok("exec far cat /tmp/file")).isEqualTo("carried\n");
        assertThat(shell("docker cp far:/tmp/file - | tar -xO").ok().out()).isEqualTo("carried\n");
        assertThat(ok("diff far")).contains("A /tmp/file");
        assertThat(ok("top far")).contains("sleep 600");
        assertThat(ok("stats --no-stream --format {{.Name}} far")).isEqualTo("far\n");
        ok("pause far");
        assertThat(ok("inspect --format {{.State.Status}} far")).isEqualTo("paused\n");
        ok("unpause far");
        ok("update --memory 64m --memory-swap 64m far");
        ok("restart -t 0 far");
        await("its output again", () -> ok("logs far").equals("hello\nhello\n"));
        ok("stop -t 0 far");
        assertThat(ok("wait far")).isEqualTo("137\n");
    }

    @Test
    void attachedFromTheFirstByteToTheLast() {
        assertThat(shell("seq 50000 | docker run -i --rm " + FAR + "busybox md5sum")
                        .ok()
                        .out())
                .isEqualTo(shell("seq 50000 | md5sum").ok().out());
        assertThat(docker("run --rm " + FAR + "busybox sh -c 'exit 5'").code()).isEqualTo(5);
        assertThat(ok("ps -aq")).isEmpty();
    }

    @Test
    void anImageThatWasMadeThereComesHere() {
        ok("run --name maker " + FAR + "busybox sh -c 'echo made > /made'");
        ok("commit maker made");
        assertThat(ok("run --rm " + NEAR + "made cat /made")).isEqualTo("made\n");
        assertThat(shell("docker save made | tar -t").ok().out()).contains("manifest.json");
        ok("rm maker");
        ok("rmi made");
    }

    @Test
    void allImagesComeToTheSystemRegistryOrItIsSaidWhichDoNot() throws Exception {
        ok("tag busybox also:1");
        String listed = ok("images -q --no-trunc busybox").strip().replace("sha256:", "");
        String there = migrateImages(nodes.firstHome(), 0);
        assertThat(there)
                .containsPattern("(?m)^Already there +" + listed.substring(0, 12) + " also:1 busybox:latest$")
                .contains("The system registry " + nodes.registry().host() + " has all images: 0 brought, ");
        ok("rmi also:1");
        nodes.registry().stop();
        try {
            assertThat(migrateImages(nodes.firstHome(), 1))
                    .containsPattern(
                            "(?m)^Failed +[0-9a-f]{12} .*" + nodes.registry().host())
                    .contains("longshore: 1 of 1 images are not in the system registry "
                            + nodes.registry().host());
        } finally {
            nodes.registry().restart();
        }
        assertThat(migrateImages(nodes.secondHome(), 1)).contains("longshore: no answer from Longshore at ");
    }

    private static String migrateImages(Path home, int status) throws Exception {
        Path log = home.resolve("migrate-images.out");
        Files.deleteIfExists(log);
        Process process = Standalone.migrateImages(home, "migrate-images.out");
        try {
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(log);
        assertThat(process.exitValue()).as(text).isEqualTo(status);
        return text;
    }

    @Test
    void whereTheVolumeIsTheContainerGoes() {
        ok("run --rm -v data:/data " + FAR + "busybox sh -c 'echo kept > /data/file'");
        for (int n = 0; n < 3; n++) {
            assertThat(ok("run --rm --network none -v data:/data busybox cat /data/file"))
                    .isEqualTo("kept\n");
        }
        assertThat(docker("run --rm -v data:/data " + NEAR + "busybox true").errors())
                .contains("no suitable node", "volume data is on another node: 1 of 2 (ship)");
    }

    @Test
    void aNetworkThatSpansBoth() {
        ok("network create -d overlay --attachable back");
        String serve = "busybox sh -c 'while true; do hostname | nc -l -p 8080; done'";
        ok("run -d --name far --network back --network-alias distant" + FAR.substring(FAR.indexOf(" --label")) + serve);
        ok("run -d --name near --network back" + NEAR.substring(NEAR.indexOf(" --label")) + serve);
        String far = ok("inspect --format {{.Config.Hostname}} far");
        String near = ok("inspect --format {{.Config.Hostname}} near");
        await("by name", () -> docker("exec near nc -w 3 far 8080").out().equals(far));
        await("the other way", () -> docker("exec far nc -w 3 near 8080").out().equals(near));
        await("by alias", () -> docker("exec near nc -w 3 distant 8080").out().equals(far));
        ok("rm -f far");
        await(
                "who is gone is not found",
                () -> docker("exec near nslookup far.").code() != 0);
    }

    @Test
    void publishedThereAndReachedFromHere() throws IOException {
        int fixed = TwoNodes.freePort();
        int local = TwoNodes.freePort();
        String serve = FAR.substring(FAR.indexOf(" --label"))
                + "busybox sh -c 'while true; do echo served | nc -l -p 80; done'";
        ok("run -d --name far -p " + fixed + ":80 -p 80 -p 127.0.0.1:" + local + ":80" + serve);
        List<String> told = ok("port far 80").lines().toList();
        assertThat(told).contains("0.0.0.0:" + fixed, "127.0.0.1:" + local);
        int random = told.stream()
                .filter(line -> line.startsWith("0.0.0.0:") && !line.endsWith(":" + fixed))
                .map(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1)))
                .findFirst()
                .orElseThrow();
        assertThat(ok("ps --format {{.Ports}}"))
                .contains("0.0.0.0:" + fixed + "->80/tcp", "0.0.0.0:" + random + "->80/tcp");
        assertThat(ok("inspect --format '{{json .NetworkSettings.Ports}}' far")).contains("\"" + random + "\"");
        for (int port : new int[] {fixed, random, local}) {
            await("port " + port + " here", () -> served("127.0.0.1", port));
        }
        await("at this machine's address", () -> served(nodes.address(), fixed));
        await("at its own", () -> served(nodes.otherAddress(), fixed));
        assertThat(served(nodes.address(), local)).as("at 127.0.0.1 alone").isFalse();
        for (String where : List.of(FAR, NEAR)) {
            assertThat(docker("run -d -p " + fixed + ":80" + where.substring(where.indexOf(" --label"))
                                    + "busybox sleep 60")
                            .errors())
                    .contains("Bind for 0.0.0.0:" + fixed + " failed: port is already allocated");
        }
        ok("stop -t 0 far");
        await("it is free", () -> isFree(fixed) && isFree(local));
        ok("start far");
        await("it is back", () -> served("127.0.0.1", fixed) && served("127.0.0.1", local));
        // At once: its ports here are given back a moment later.
        ok("rm -f far");
        ok("run -d --name near -p " + fixed + ":80" + NEAR.substring(NEAR.indexOf(" --label")) + "busybox sleep 60");
    }

    private static boolean served(String address, int port) {
        return TwoNodes.shellOnly("busybox nc -w 3 " + address + " " + port + " </dev/null")
                .out()
                .equals("served\n");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    /** What may be made anew moves with its address, while others talk to it; what would lose something stays and says so. */
    @Test
    void aNodeThatIsDrained() throws IOException {
        String berth = "--label io.longshore.placement.constraint=node.labels.berth==1 ";
        String anew = berth + "--label io.longshore.placement.move=true ";
        ok("node update --label-add berth=1 tug");
        await(
                "tug has a berth",
                () -> docker("create --name probe --network none " + berth + "busybox true")
                                .code()
                        == 0);
        ok("rm probe");
        ok("network create -d overlay --attachable back");
        ok("run -d --name mover --network back --stop-timeout 1 " + anew
                + "busybox sh -c 'while true; do hostname | nc -l -p 8080; done'");
        ok("run -d --name near --network back" + NEAR.substring(NEAR.indexOf(" --label")) + "busybox sleep 600");
        ok("run -d --name writer --network none " + berth + "busybox sleep 600");
        ok("run -d --name bound --network none -v data:/data " + anew + "busybox sleep 600");
        assertThat(cgroup("mover")).contains(nodes.second().cgroup());
        String shape = "inspect --format {{.Id}}/{{.Created}}/{{.NetworkSettings.Networks.back.IPAddress}}"
                + "/{{.NetworkSettings.Networks.back.MacAddress}}/{{.Config.Hostname}} mover";
        String before = ok(shape);
        String hostname = ok("inspect --format {{.Config.Hostname}} mover");
        await("by name", () -> docker("exec near nc -w 3 mover 8080").out().equals(hostname));
        ok("node update --label-add berth=1 ship");
        ok("node update --availability drain tug");
        assertThat(ok("node ls --format {{.Hostname}}={{.Availability}}")).contains("tug=Drain");
        await(
                "it is on ship and runs",
                () -> ok("node ps --format {{.Name}}/{{.CurrentState}} ship").contains("mover.1/Running"));
        assertThat(ok(shape)).isEqualTo(before);
        assertThat(cgroup("mover")).contains(nodes.first().cgroup());
        await(
                "by name again",
                () -> docker("exec near nc -w 3 mover 8080").out().equals(hostname));
        await(
                "those that stay say why",
                () -> ok("node ps --no-trunc --format {{.Name}}/{{.Error}} tug")
                        .lines()
                        .sorted()
                        .toList()
                        .equals(List.of(
                                "bound.1/\"stays: volume data does not leave this node\"",
                                "writer.1/\"stays: what it has written would be lost: --read-only, or label"
                                        + " io.longshore.placement.move=true, says that there is nothing to lose\"")));
        assertThat(ok("exec writer echo runs")).isEqualTo("runs\n");
        ok("restart -t 0 mover");
        ok("node update --availability active --label-rm berth tug");
        ok("node update --label-rm berth ship");
        await(
                "no more is said",
                () -> ok("node ps --no-trunc --format {{.Error}} tug").isBlank());
        ok("run --rm " + FAR + "busybox true");
    }

    @Test
    void aNodeThatIsLostForAWhile() throws IOException {
        ok("run -d --name far " + FAR + "busybox sleep 600");
        String before = ok("inspect --format {{.State.Pid}}/{{.State.StartedAt}} far");
        nodes.second().crash();
        await(
                "it is seen to be down",
                () -> ok("node ls --format {{.Hostname}}={{.Status}}").contains("tug=Down"));
        assertThat(ok("ps --format {{.Names}}")).isEqualTo("far\n");
        await(
                "nothing is placed there",
                () -> docker("create " + FAR + "busybox true")
                        .errors()
                        .contains(
                                "no suitable node: not ready: 1 of 2 (tug); constraint node.hostname==tug: 1 of 2 (ship)"));
        ok("run --rm --network none busybox true");
        nodes.second().restart();
        await(
                "it is back",
                () -> ok("node ls --format {{.Hostname}}={{.Status}}").contains("tug=Ready"));
        assertThat(ok("inspect --format {{.State.Pid}}/{{.State.StartedAt}} far"))
                .isEqualTo(before);
        await("it can be spoken to", () -> docker("exec far true").code() == 0);
        assertThat(cgroup("far")).contains(nodes.second().cgroup());
    }
}
