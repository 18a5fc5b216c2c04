package io.longshore.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The launcher and the README's tour on a clean clone, as somebody new to Longshore goes through them. In this order, since all share
 * one clone and what is built in it: the tour and what runs next to it, stops and starts, then what is refused.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TourRootIT {
    private static final Duration BUILD = Duration.ofMinutes(15);
    private static final Duration STOP = Duration.ofMinutes(2);
    private static final String PID_FILE = "/var/lib/longshore/longshore.pid";
    private static final String PID = "docker inspect --format '{{.State.Pid}}' ";
    /** Containers that take three seconds to stop. */
    private static final List<String> SLOW = List.of("slow0", "slow1", "slow2", "slow3");

    private static final String LOOP = "'while true; do echo tick; sleep 1; done'";

    @SuppressWarnings("NullAway.Init")
    private static Cell cell;

    /** Process id of the container that outlives stops and starts. */
    private static String kept = "";

    @BeforeAll
    static void clonedAndStarted() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")) || Boolean.getBoolean("longshore.test.complete"),
                "this is not root");
        cell = new Cell();
        Said up = cell.run("./longshore up -d", BUILD).ok();
        up.prints("Building", "Built in", "Making the start-up cache", "Starting", "started PostgreSQL", "ready (")
                .prints("socket  /run/longshore/longshore.sock", "data    /var/lib/longshore\n")
                .prints("log     /var/lib/longshore/log/longshore.log");
        assertThat(up.out()).as("the start-up cache").doesNotContain("No start-up cache");
        assertThat(up.out().lines().toList())
                .as("the line to copy is the tour's first")
                .endsWith("  " + tour().getFirst());
    }

    @AfterAll
    static void ended() {
        if (cell != null) {
            cell.close();
        }
    }

    @Test
    @Order(1)
    void theTourWorksLineByLine() throws Exception {
        List<Said> said = new ArrayList<>();
        Instant killed = Instant.MAX;
        for (String line : tour()) {
            if (line.startsWith("kill -9")) {
                killed = Instant.now();
            }
            if (line.startsWith("docker stop")) {
                goesOnWithoutAGap(said, killed);
            }
            said.add(cell.run(line).ok());
        }
        first(said, "docker version").prints("Client", "Server", "Longshore");
        first(said, "docker images").prints("busybox");
        first(said, "docker run --rm --network none busybox echo").printsOnly("hello");
        first(said, "echo \"a b c\"").printsOnly("3");
        first(said, "docker run --rm --network none --read-only").prints("uid=1000 gid=1000");
        first(said, "docker ps").prints("clock", "Up ");
        first(said, "docker logs").prints("tick");
        first(said, "docker inspect").prints("running ");
        first(said, "cat /tmp/greeting").printsOnly("hello");
        first(said, "docker stats").prints("clock", "%");
        first(said, "docker update").printsOnly("clock");
        last(said, "docker inspect").printsOnly("500000000 on-failure");
        first(said, "./longshore up -d").prints("Longshore is ready");
        last(said, "docker ps").prints("clock", "Up ");
        last(said, "docker logs").printsOnly("tick\ntick\ntick");
        first(said, "docker stop").printsOnly("clock");
        first(said, "docker wait").printsOnly("137");
        first(said, "docker rm").printsOnly("clock");
        assertThat(first(said, "docker events").out())
                .as("what happened to the container, in order")
                .containsSubsequence(List.of("create", "start", "die", "destroy").stream()
                        .map(event -> "container " + event + " " + id(said))
                        .toList());
        cell.run("docker ps -aq").ok().printsOnly("");
    }

    /** The same process as before the kill, with a tick for each second from before it to now. */
    private static void goesOnWithoutAGap(List<Said> said, Instant killed) {
        String before = first(said, "docker inspect").out().strip();
        cell.run("docker inspect --format '{{.State.Status}} {{.State.Pid}}' clock")
                .ok()
                .printsOnly(before);
        List<Instant> ticks = cell.run("docker logs -t clock")
                .ok()
                .out()
                .lines()
                .map(line -> Instant.parse(line.substring(0, line.indexOf(' '))))
                .toList();
        assertThat(ticks.getFirst()).isBefore(killed);
        assertThat(ticks.getLast()).isAfter(killed);
        for (int i = 1; i < ticks.size(); i++) {
            assertThat(Duration.between(ticks.get(i - 1), ticks.get(i)))
                    .as("between ticks %d and %d of %s, killed at %s", i - 1, i, ticks, killed)
                    .isBetween(Duration.ofMillis(900), Duration.ofMillis(2500));
        }
    }

    private static String id(List<Said> said) {
        return first(said, "docker run -d").out().strip();
    }

    private static List<String> tour() throws IOException {
        return Tour.lines(cell.project().resolve("README.md"), "## A tour");
    }

    private static Said first(List<Said> said, String start) {
        return said.stream()
                .filter(one -> one.line().startsWith(start))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the tour has no line that starts with " + start));
    }

    private static Said last(List<Said> said, String start) {
        return first(said.reversed(), start);
    }

    @Test
    @Order(2)
    void statusAndLogsTell() {
        cell.run("./longshore status")
                .ok()
                .prints(
                        "Longshore runs (process " + pid() + ")",
                        "socket  /run/longshore/longshore.sock",
                        "answer  OK");
        cell.run("./longshore logs").ok().prints("ready after");
        String commit = cell.run("git rev-parse --short HEAD").out();
        if (!commit.isEmpty()) {
            cell.run("docker version --format '{{.Server.GitCommit}}'").ok().printsOnly(commit.strip());
        }
        cell.run("./longshore help").ok().prints("usage: ./longshore COMMAND");
    }

    @Test
    @Order(3)
    void aSecondUpIsRefused() {
        cell.run("./longshore up -d").refuses("Longshore runs already (process " + pid() + ")", "./longshore down");
        cell.run("./longshore status").ok().prints("answer  OK");
    }

    @Test
    @Order(4)
    void aStopLeavesContainersRunning() {
        kept = startedContainer("kept", LOOP);
        cell.run("./longshore down").ok().prints("containers go on", "Stopped");
        assertThat(Path.of("/proc", kept))
                .as("the container while Longshore is down")
                .exists();
        assertThat(cell.cgroups())
                .as("its cgroup, for comparison with the end of all")
                .anyMatch(directory -> directory.toString().matches(".*[0-9a-f]{64}.*"));
        assertThat(cell.run("./longshore status").status()).isEqualTo(3);
        cell.run("./longshore down").ok().prints("Longshore does not run");
        cell.run("./longshore down --containers").refuses("Longshore does not run", "up -d first");
    }

    @Test
    @Order(5)
    void aStartInTheForegroundTakesThemOverAndCtrlCLeavesThemRunning() throws Exception {
        Path output = cell.directory().resolve("foreground");
        Process up = cell.foreground(output, "./longshore up");
        await(() -> Files.readString(output).contains("Ctrl-C stops Longshore"), up);
        cell.run("docker ps").ok().prints("kept");
        cell.run(PID + "kept").ok().printsOnly(kept);
        // As a terminal does it: to all processes of the group.
        cell.run("kill -INT -- -" + up.pid()).ok();
        assertThat(up.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(output)).contains("Stopping; containers go on");
        assertThat(up.exitValue()).isZero();
        assertThat(cell.run("./longshore status").status()).isEqualTo(3);
        assertThat(Path.of("/proc", kept)).exists();
        cell.run("./longshore up -d").ok();
        cell.run(PID + "kept").ok().printsOnly(kept);
        cell.run("docker logs --tail 1 kept").ok().printsOnly("tick");
        cell.run("docker rm -f kept").ok();
    }

    @Test
    @Order(6)
    void downWithContainersStopsThem() {
        for (String name : SLOW) {
            startedContainer(name, "'trap \"sleep 3; exit 7\" TERM; while true; do sleep 0.1; done'");
        }
        cell.run("./longshore down --containers")
                .ok()
                .prints("Stopping containers: 4", "Stopped containers: 4", "Stopped\n");
        nothingRuns();
    }

    @Test
    @Order(7)
    void twoStartsAtOnceGoOneAfterTheOther() {
        Said both = cell.run("./longshore up -d & ./longshore up -d; wait $!");
        assertThat(both.out().split("Longshore is ready", -1))
                .as(both.toString())
                .hasSize(2);
        both.prints("Another ./longshore starts or stops the one on /var/lib/longshore: waiting for it");
        assertThat(both.err()).contains("longshore: Longshore runs already (process " + pid() + ")");
        cell.run("./longshore status").ok().prints("answer  OK");
    }

    @Test
    @Order(8)
    void theContainersWereStoppedAtTheSameTime() {
        List<Instant> ends = new ArrayList<>();
        for (String name : SLOW) {
            cell.run("docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' " + name)
                    .ok()
                    .printsOnly("exited 7");
            ends.add(Instant.parse(cell.run("docker inspect --format '{{.State.FinishedAt}}' " + name)
                    .ok()
                    .out()
                    .strip()));
        }
        ends.sort(null);
        assertThat(Duration.between(ends.getFirst(), ends.getLast()))
                .as("from the first end to the last; one after the other takes 9 s")
                .isLessThan(Duration.ofSeconds(6));
        cell.run("docker rm " + String.join(" ", SLOW)).ok();
        cell.run("./longshore down --containers").ok().prints("Stopped containers: 0", "Stopped\n");
        nothingRuns();
    }

    @Test
    @Order(9)
    void unknownArgumentsAreRefused() {
        for (String command : List.of("up -d", "join", "migrate-db", "down", "status", "logs")) {
            cell.run("./longshore " + command + " --config /etc/longshore/none.yaml")
                    .refuses("cannot read /etc/longshore/none.yaml");
        }
        for (String command : List.of("up --nonsense", "down --nonsense", "status nonsense", "logs --nonsense")) {
            cell.run("./longshore " + command).refuses("unknown argument", "nonsense", "./longshore help");
        }
        cell.run("./longshore join --server 127.0.0.1:2377").refuses("join: --token is missing");
        cell.run("./longshore join --server 127.0.0.1:2377 --token nonsense").refuses("this is no join token");
        cell.run("./longshore migrate-db").refuses("migrate-db: --to is missing");
        cell.run("./longshore migrate-db --to postgresql://127.0.0.1/d --user a --replace")
                .refuses("migrate-db: unknown argument --replace");
        cell.run("./longshore nonsense").refuses("unknown command nonsense", "./longshore help");
        cell.run("./longshore up --config").refuses("--config needs a file");
        nothingRuns();
    }

    @Test
    @Order(10)
    void notRootIsRefused() {
        for (String command : List.of("up", "join", "migrate-db", "down", "status", "logs", "test")) {
            cell.run("setpriv --reuid 65534 --regid 65534 --clear-groups ./longshore " + command)
                    .refuses("\"" + command + "\" needs root");
        }
        nothingRuns();
    }

    @Test
    @Order(11)
    void withoutAJdkItSaysWhichIsNeeded() throws IOException {
        Path empty = Files.createDirectory(cell.directory().resolve("empty"));
        inMounts("mount --bind " + empty + " /usr/lib/jvm; mount --bind " + empty + " /opt")
                .refuses("no JDK 25 found under /usr/lib/jvm", "JAVA_HOME");
        nothingRuns();
    }

    @Test
    @Order(12)
    void aKernelWithoutOverlayIsRefused() throws IOException {
        Path without = cell.directory().resolve("filesystems");
        Files.writeString(
                without, Files.readString(Path.of("/proc/filesystems")).replaceAll("nodev\toverlay\n", ""));
        inMounts("mount --bind " + without + " /proc/filesystems")
                .refuses("no overlay file system", "modprobe overlay");
        nothingRuns();
    }

    @Test
    @Order(13)
    void aFullDiskIsRefused() {
        String small = "mount -t tmpfs -o size=64m,mode=711 small /var/lib/longshore";
        inMounts(small).refuses("disk of /var/lib/longshore is full", "512 MB are needed");
        inMounts(small + "; head -c 70000000 /dev/zero >/var/lib/longshore/ballast 2>/dev/null || true")
                .refuses("/var/lib/longshore/log", "No space left on device", "make room");
        nothingRuns();
    }

    @Test
    @Order(14)
    void aBusySocketIsRefusedAndLeftAlone() throws IOException {
        Path socket = cell.own("/run/longshore").resolve("longshore.sock");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            cell.run("./longshore up -d").refuses("/run/longshore/longshore.sock", "listens");
            assertThat(socket).as("the other's socket").exists();
        } finally {
            Files.deleteIfExists(socket);
        }
        nothingRuns();
    }

    @Test
    @Order(15)
    void whatTheConfigurationMeansIsRefusedWhenNobodyKnows() throws IOException {
        Path file = cell.own("/etc/longshore").resolve("longshore.yaml");
        Files.writeString(file, "run:\n  directory: /run/longshore\n  speed: fast\n");
        cell.run("./longshore up -d").refuses("run.speed", "/etc/longshore/longshore.yaml", "3");
        Files.writeString(file, "run:\n  directory: [\n");
        cell.run("./longshore up -d").refuses("/etc/longshore/longshore.yaml");
        Files.writeString(file, "standalone: {work-directory: /var/lib/longshore/elsewhere}\n");
        cell.run("./longshore up -d")
                .refuses("standalone.work-directory is \"/var/lib/longshore/elsewhere\", and ./longshore reads \"\"");
        Files.delete(file);
        cell.run("LONGSHORE_RUN_DIR=/run/other ./longshore up -d")
                .refuses("unknown variable \"LONGSHORE_RUN_DIR\"", "LONGSHORE_RUN_DIRECTORY");
        nothingRuns();
    }

    @Test
    @Order(16)
    void oneThatIsJustStartingIsStopped() {
        cell.run("./longshore up -d & while flock -n /var/lib/longshore/up.lock true; do sleep 0.01; done;"
                        + " ./longshore down; wait $!")
                .prints("waiting for it", "Longshore is ready", "Stopping; containers go on", "Stopped");
        nothingRuns();
    }

    @Test
    @Order(17)
    void ctrlCEndsAStartAndTheTraining() throws Exception {
        interrupted("Starting");
        // Out of the way and not removed, since another takes half a minute to make.
        cell.run("for file in target/builds/*/start.aot*; do mv $file $file.aside; done")
                .ok();
        interrupted("Making the start-up cache");
        assertThat(cell.names("/var/tmp")).as("left by the training run").isEmpty();
        assertThat(cell.run("ls target/builds/*/start.aot").status()).isNotZero();
        cell.run("for file in target/builds/*/start.aot*.aside; do mv $file ${file%.aside}; done")
                .ok();
    }

    /** {@code up -d}, with Ctrl-C when it has said this. */
    private static void interrupted(String said) throws Exception {
        Path output = cell.directory().resolve("interrupted");
        Process up = cell.foreground(output, "./longshore up -d");
        await(() -> Files.readString(output).contains(said), up);
        cell.run("kill -INT -- -" + up.pid()).ok();
        assertThat(up.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(up.exitValue()).as(Files.readString(output)).isEqualTo(130);
        assertThat(Files.readString(output)).doesNotContain("Longshore is ready");
        nothingRuns();
    }

    @Test
    @Order(18)
    void afterAllThatItStartsAndLeavesNothing() {
        Said up = cell.run("./longshore up -d").ok();
        assertThat(up.out()).as("what was made before serves again").doesNotContain("Building", "Making");
        cell.run("docker ps -aq").ok().printsOnly("");
        cell.run("docker images").ok().prints("busybox");
        cell.run("./longshore down").ok();
        nothingRuns();
        assertThat(cell.cgroups())
                .as("cgroups of containers")
                .noneMatch(directory -> directory.toString().matches(".*[0-9a-f]{64}.*"));
        assertThat(cell.mountsOutside()).as("mounts that the machine sees").isEmpty();
        assertThat(cell.names("/var/tmp")).as("left by the training run").isEmpty();
        assertThat(cell.names("/run/longshore-agent")).isSubsetOf("netns", "sandboxes");
        assertThat(cell.files("/run/longshore-agent")).as("files of sandboxes").isEmpty();
        assertThat(cell.own("/var/lib/longshore").resolve("containers"))
                .isDirectoryNotContaining(entry ->
                        Pattern.matches("[0-9a-f]{64}", entry.getFileName().toString()));
    }

    private static String startedContainer(String name, String program) {
        cell.run("docker run -d --name " + name + " --network none busybox sh -c " + program)
                .ok();
        return cell.run(PID + name).ok().out().strip();
    }

    /** {@code up -d} where the mounts differ; without the shell's JAVA_HOME, which it has none of. */
    private static Said inMounts(String mounts) {
        return cell.run("unshare --mount --propagation private bash -c '" + mounts + "; exec ./longshore up -d'");
    }

    private static String pid() {
        return cell.run("cat " + PID_FILE).ok().out().strip();
    }

    /** No process, socket or pid file of Longshore; ended processes may take a moment. */
    private static void nothingRuns() {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!cell.processes().isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(50_000_000);
        }
        assertThat(cell.processes()).as("processes left").isEmpty();
        assertThat(cell.own("/var/lib/longshore").resolve("longshore.pid")).doesNotExist();
        assertThat(cell.names("/run/longshore")).as("names in /run/longshore").doesNotContain("longshore.sock");
    }

    private interface Condition {
        boolean met() throws IOException;
    }

    private static void await(Condition condition, Process process) throws IOException {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.met() && process.isAlive() && System.nanoTime() < end) {
            LockSupport.parkNanos(50_000_000);
        }
        assertThat(condition.met()).isTrue();
    }
}
