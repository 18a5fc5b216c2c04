package io.longshore.acceptance.fleet;

import static io.longshore.acceptance.running.TwoNodes.await;
import static io.longshore.acceptance.running.TwoNodes.on;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.crash.Soak;
import io.longshore.acceptance.running.TwoNodes;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A fleet that is being upgraded: the first machine has this version, the second node's agent is one of the version before. It does what it did,
 * what it cannot do is refused in words, and then it is upgraded itself while its containers run.
 */
@EnabledIfSystemProperty(
        named = "acceptance.previous",
        matches = "true",
        disabledReason = "builds the previous version: ./longshore soak does that")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Execution(ExecutionMode.SAME_THREAD)
class PreviousAgentRootIT {
    private static final String OLD = "hulk";
    private static final String THERE = on(OLD) + " ";
    private static final String HERE = on("ship") + " ";
    private static final String SERVE = "busybox nc -ll -p 80 -e echo served";
    /** A line of the log that somebody has to look at. */
    private static final Pattern TROUBLE = Pattern.compile("(?m)^\\S+ +(WARN|ERROR) .*");
    /** What is tried again for ever is told more often. */
    private static final int OFTEN = 10;

    private static TwoNodes nodes;
    private static Soak soak;

    /** The version before is built in 8 minutes at most. */
    @BeforeAll
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    static void start() throws IOException, InterruptedException {
        String previous = PreviousVersion.classPath();
        soak = new Soak("standalone", "a node of the previous version, and its upgrade", 0);
        nodes = TwoNodes.start(OLD, 2, previous);
    }

    @AfterAll
    static void stop() {
        if (nodes != null) {
            nodes.close();
        }
    }

    @AfterEach
    void removeAll() {
        for (String node : List.of("ship", OLD)) {
            ok("node update --availability active " + node);
        }
        nodes.removeAll();
    }

    private static String ok(String line) {
        return nodes.ok(line);
    }

    private static Program docker(String line) {
        return nodes.docker(line);
    }

    private static String version(String node) {
        return ok("node inspect --format {{.Description.Engine.EngineVersion}} " + node)
                .strip();
    }

    private static boolean served(String address, int port) {
        return TwoNodes.shellOnly("busybox nc -w 3 " + address + " " + port + " </dev/null")
                .out()
                .equals("served\n");
    }

    @Test
    @Order(1)
    void itIsANodeThatDoesNotSayItsVersion() {
        assertThat(ok("node ls --format {{.Hostname}}={{.Status}}/{{.Availability}}"))
                .contains("ship=Ready/Active", OLD + "=Ready/Active");
        assertThat(version(OLD)).isEmpty();
        assertThat(version("ship"))
                .isEqualTo(ok("version --format {{.Server.Version}}").strip());
    }

    @Test
    @Order(2)
    void whatTheCommandDoesItDoesThere(@TempDir Path directory) throws IOException {
        ok("run -d --name far --network none " + THERE + "busybox sh -c 'echo hello; exec sleep 600'");
        assertThat(ok("node ps --format {{.Name}} " + OLD)).isEqualTo("far.1\n");
        assertThat(ok("ps --format {{.Names}}={{.Status}}")).startsWith("far=Up ");
        await("its output", () -> ok("logs far").equals("hello\n"));
        assertThat(docker("exec far sh -c 'exit 7'").code()).isEqualTo(7);
        assertThat(nodes.shell("seq 50000 | docker exec -i far md5sum").ok().out())
                .isEqualTo(TwoNodes.shellOnly("seq 50000 | md5sum").ok().out());
        Path file = Files.writeString(directory.resolve("file"), "carried\n");
        ok("cp " + file + " far:/tmp/file");
        assertThat(nodes.shell("docker cp far:/tmp/file - | tar -xO").ok().out())
                .isEqualTo("carried\n");
        assertThat(ok("diff far")).contains("A /tmp/file");
        assertThat(ok("top far")).contains("sleep 600");
        assertThat(ok("stats --no-stream --format {{.Name}} far")).isEqualTo("far\n");
        ok("pause far");
        assertThat(ok("inspect --format {{.State.Status}} far")).isEqualTo("paused\n");
        ok("unpause far");
        ok("update --memory 64m --memory-swap 64m --restart on-failure:2 far");
        ok("restart -t 0 far");
        await("its output again", () -> ok("logs far").equals("hello\nhello\n"));
        ok("rename far distant");
        ok("stop -t 0 distant");
        assertThat(ok("wait distant")).isEqualTo("137\n");
        ok("start distant");
        ok("kill distant");
        await(
                "it has ended",
                () -> ok("inspect --format {{.State.Status}} distant").equals("exited\n"));
        assertThat(nodes.shell("seq 50000 | docker run -i --rm --network none " + THERE + "busybox md5sum")
                        .ok()
                        .out())
                .isEqualTo(TwoNodes.shellOnly("seq 50000 | md5sum").ok().out());
    }

    @Test
    @Order(3)
    void imagesAndVolumesAreThere() {
        ok("run --name maker --network none -v data:/data " + THERE
                + "busybox sh -c 'echo made >/made; echo kept >/data/file'");
        ok("commit maker made");
        assertThat(ok("run --rm --network none " + HERE + "made cat /made")).isEqualTo("made\n");
        assertThat(ok("run --rm --network none -v data:/data busybox cat /data/file"))
                .isEqualTo("kept\n");
        ok("rm maker");
        ok("rmi made");
    }

    @Test
    @Order(4)
    void aNetworkThatSpansBoth() {
        ok("network create -d overlay --attachable back");
        String serve = "busybox sh -c 'exec nc -ll -p 8080 -e hostname'";
        ok("run -d --name far --network back --network-alias distant " + THERE + serve);
        ok("run -d --name near --network back " + HERE + serve);
        String far = ok("inspect --format {{.Config.Hostname}} far");
        String near = ok("inspect --format {{.Config.Hostname}} near");
        await("by name", () -> docker("exec near nc -w 3 far 8080").out().equals(far));
        await("the other way", () -> docker("exec far nc -w 3 near 8080").out().equals(near));
        await("by alias", () -> docker("exec near nc -w 3 distant 8080").out().equals(far));
        ok("network create -d overlay --attachable more");
        ok("network connect more far");
        ok("network connect more near");
        ok("network disconnect back far");
        await("by another way", () -> docker("exec near nc -w 3 far 8080").out().equals(far));
        ok("rm -f far");
        await(
                "who is gone is not found",
                () -> docker("exec near nslookup far.").code() != 0);
    }

    @Test
    @Order(5)
    void publishedPortsAnswerHereAndAtOneAddressTheyAreRefused() throws IOException {
        int fixed = TwoNodes.freePort();
        ok("run -d --name far -p " + fixed + ":80 -p 80 " + THERE + SERVE);
        List<String> told = ok("port far 80").lines().toList();
        int random = told.stream()
                .filter(line -> line.startsWith("0.0.0.0:") && !line.endsWith(":" + fixed))
                .map(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1)))
                .findFirst()
                .orElseThrow();
        for (int port : new int[] {fixed, random}) {
            await("port " + port + " here", () -> served("127.0.0.1", port) && served(nodes.address(), port));
            await("port " + port + " there", () -> served(nodes.otherAddress(), port));
        }
        assertThat(docker("run -d -p " + fixed + ":80 " + HERE + SERVE).errors())
                .contains("Bind for 0.0.0.0:" + fixed + " failed: port is already allocated");
        ok("restart -t 0 far");
        await("it is back", () -> served("127.0.0.1", fixed));
        assertThat(docker("run -d --name local -p 127.0.0.1::80 " + THERE + SERVE)
                        .errors())
                .contains("cannot publish port 80/tcp at 127.0.0.1: that is an address of ship, and agent of node "
                        + OLD + " publishes at its own addresses alone: upgrade it to Longshore ");
        assertThat(ok("inspect --format {{.State.Status}} local")).isEqualTo("created\n");
        ok("rm -f far");
        ok("run -d --name near -p " + fixed + ":80 " + HERE + SERVE);
    }

    @Test
    @Order(6)
    void itIsDrained() {
        String anew = "--label io.longshore.placement.move=true ";
        ok("node update --availability pause ship");
        ok("network create -d overlay --attachable back");
        await("mover is there", () -> {
            docker("rm -f mover");
            return docker("run -d --name mover --network back --stop-timeout 1 " + anew
                                            + "busybox nc -ll -p 8080 -e hostname")
                                    .code()
                            == 0
                    && ok("node ps --format {{.Name}} " + OLD).contains("mover.1");
        });
        ok("run -d --name writer --network none " + THERE + "busybox sleep 600");
        String shape = "inspect --format {{.Id}}/{{.NetworkSettings.Networks.back.IPAddress}} mover";
        String before = ok(shape);
        ok("node update --availability active ship");
        ok("node update --availability drain " + OLD);
        await(
                "it is on ship and runs",
                () -> ok("node ps --format {{.Name}}/{{.CurrentState}} ship").contains("mover.1/Running"));
        assertThat(ok(shape)).isEqualTo(before);
        await(
                "the other says why it stays",
                () -> ok("node ps --no-trunc --format {{.Name}}/{{.Error}} " + OLD)
                        .contains("writer.1/\"stays: what it has written would be lost"));
        assertThat(ok("exec writer echo runs")).isEqualTo("runs\n");
        ok("node update --availability active " + OLD);
        // And back: an agent of before takes what comes from another node.
        ok("node update --availability drain ship");
        await(
                "it is on " + OLD + " and runs",
                () -> ok("node ps --format {{.Name}}/{{.CurrentState}} " + OLD).contains("mover.1/Running"));
        assertThat(ok(shape)).isEqualTo(before);
    }

    @Test
    @Order(7)
    void itsAgentIsKilledAndComesBack() {
        ok("run -d --name far --network none " + THERE + "busybox sleep 600");
        String before = ok("inspect --format {{.State.Pid}}/{{.State.StartedAt}} far");
        nodes.second().crash();
        await(
                "it is down",
                () -> ok("node ls --format {{.Hostname}}={{.Status}}").contains(OLD + "=Down"));
        nodes.second().restart();
        await(
                "it is back",
                () -> ok("node ls --format {{.Hostname}}={{.Status}}").contains(OLD + "=Ready"));
        await("it can be spoken to", () -> docker("exec far true").code() == 0);
        assertThat(ok("inspect --format {{.State.Pid}}/{{.State.StartedAt}} far"))
                .isEqualTo(before);
    }

    /** The last: it is of this version from then on. */
    @Test
    @Order(8)
    void itIsUpgradedWhileItsContainersRun() throws IOException {
        int fixed = TwoNodes.freePort();
        ok("network create -d overlay --attachable back");
        ok("run -d --name near --network back " + HERE + "busybox nc -ll -p 8080 -e hostname");
        ok("run -d --name server --network back -p " + fixed + ":80 " + THERE + SERVE);
        ok("run -d --name bridged -p 80 " + THERE + SERVE);
        ok("run -d --name policy --network none --restart always " + THERE
                + "busybox sh -c 'rm -f /tmp/end; while [ ! -e /tmp/end ]; do usleep 100000; done'");
        ok("run -d --name checked --network none --health-cmd true --health-interval 1s " + THERE
                + "busybox sleep 3600");
        ok("run -d --name writer --network none " + THERE
                + "busybox sh -c 'i=0; while :; do i=$((i+1)); echo line $i; usleep 200000; done'");
        ok("run -d --name held --network none -v data:/data --read-only " + THERE + "busybox sleep 3600");
        ok("exec -d held sleep 3601");
        ok("pause held");
        ok("create --name made --network none " + THERE + "busybox echo late");
        ok("run -d --name ends --network none " + THERE
                + "busybox sh -c 'while [ ! -e /tmp/end ]; do usleep 100000; done; exit 9'");
        String ends = ok("inspect --format {{.State.Pid}} ends").strip();
        int random = Integer.parseInt(
                ok("port bridged 80").lines().findFirst().orElseThrow().replaceFirst(".*:", ""));
        await("ports", () -> served("127.0.0.1", fixed) && served("127.0.0.1", random));
        String shape =
                "inspect --format {{.Name}}/{{.State.Status}}/{{.State.Pid}}/{{.State.StartedAt}}/{{.RestartCount}}"
                        + " near server bridged policy checked writer held";
        String before = ok(shape);
        String lost = troubles();
        assertThat(lost)
                .as("what the first machine's log says more than %s times", OFTEN)
                .isEmpty();

        await("its lines", () -> !lines().isEmpty());
        int written = lines().size();

        nodes.second().upgrade(() -> end(ends));
        await("it says its version", () -> !version(OLD).isEmpty());
        assertThat(version(OLD)).isEqualTo(version("ship"));
        await(
                "it is ready",
                () -> ok("node ls --format {{.Hostname}}={{.Status}}").contains(OLD + "=Ready"));
        await("it can be spoken to", () -> docker("exec policy true").code() == 0);
        assertThat(ok(shape)).isEqualTo(before);
        await(
                "who ended meanwhile",
                () -> ok("inspect --format {{.State.ExitCode}}/{{.State.Status}} ends")
                        .equals("9/exited\n"));
        await(
                "ports",
                () -> served("127.0.0.1", fixed)
                        && served("127.0.0.1", random)
                        && served(nodes.otherAddress(), fixed)
                        && served(nodes.otherAddress(), random));
        String near = ok("inspect --format {{.Config.Hostname}} near");
        await("by name", () -> docker("exec server nc -w 3 near 8080").out().equals(near));
        await("the other way", () -> docker("exec near nc -w 3 server 80").out().equals("served\n"));
        await(
                "health",
                () -> ok("inspect --format {{.State.Health.Status}} checked").equals("healthy\n"));
        int later = lines().size();
        assertThat(later).isGreaterThanOrEqualTo(written);
        await("it writes on", () -> lines().size() > later);
        List<String> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).isEqualTo("line " + (i + 1));
        }
        ok("unpause held");
        assertThat(ok("top held")).contains("sleep 3601");
        assertThat(ok("start -a made")).isEqualTo("late\n");
        ok("exec policy touch /tmp/end");
        await(
                "its policy",
                () -> ok("inspect --format {{.RestartCount}}/{{.State.Status}} policy")
                        .equals("1/running\n"));
        for (String name : List.of("server", "bridged", "held")) {
            ok("restart -t 0 " + name);
        }
        await("its port again", () -> served("127.0.0.1", fixed));
        ok("run -d --name local -p 127.0.0.1::80 " + THERE + SERVE);
        int local = Integer.parseInt(ok("port local 80").strip().replaceFirst(".*:", ""));
        await("at one address", () -> served("127.0.0.1", local));
        soak.done("containers go on with the same processes");
    }

    /** Has a container end that waits for a file, and sees that it does. */
    private static void end(String process) {
        Path directory = Path.of("/proc", process);
        try {
            Files.createFile(directory.resolve("root/tmp/end"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("its end", () -> !Files.exists(directory));
    }

    private static List<String> lines() {
        return ok("logs writer").lines().toList();
    }

    /** What the first machine's log says again and again, and errors. */
    private static String troubles() throws IOException {
        String log = Files.readString(nodes.firstHome().resolve("work/log/longshore.log"));
        Map<String, Long> counts = TROUBLE.matcher(log)
                .results()
                .map(MatchResult::group)
                .map(line -> line.replaceFirst("^\\S+ +", "").replaceAll("[0-9a-f]{8,}|[0-9]+", "#"))
                .collect(Collectors.groupingBy(line -> line, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .filter(each -> each.getValue() > OFTEN || each.getKey().startsWith("ERROR"))
                .map(each -> each.getValue() + " times " + each.getKey())
                .collect(Collectors.joining("\n"));
    }
}
