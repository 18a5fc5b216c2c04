package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Fleet;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Program;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A fleet whose nodes take containers, the image {@code busybox}, and the docker command at each of its gateways. */
final class Lane implements AutoCloseable {
    /** What a container answers with its host name on, for as long as it runs. */
    static final int PORT = 8080;
    /** Serves it. */
    static final String SERVE = " busybox nc -ll -p " + PORT + " -e hostname";

    /** Between two looks, most of which start a docker command on a machine that has enough to do. */
    private static final Duration PAUSE = Duration.ofMillis(250);

    private static final List<String> OPTIONS =
            List.of("-Xmx96m", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:+UseTransparentHugePages");

    private final Path directory;
    private final Fleet fleet;

    private Lane(Path directory) {
        this.directory = directory;
        this.fleet = Fleet.start(directory, OPTIONS);
    }

    /** Starts it. */
    static Lane start() throws IOException {
        long began = System.nanoTime();
        Path directory = Files.createTempDirectory("longshore-fleet-");
        Lane lane;
        try {
            lane = new Lane(directory);
        } catch (RuntimeException | Error e) {
            Trees.delete(directory);
            throw e;
        }
        say("a fleet started in " + since(began).toSeconds() + " s");
        try {
            lane.prepare();
        } catch (IOException | RuntimeException | Error e) {
            try {
                lane.close();
            } catch (RuntimeException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
        say("it takes containers after " + since(began).toSeconds() + " s");
        return lane;
    }

    private void prepare() throws IOException {
        for (String node : Fleet.NODES) {
            await(node + " is ready", () -> nodes(0, "{{.Status}}").contains(node + "=Ready"));
            ok(0, "node update --availability active " + node);
        }
        fleet.engine(1)
                .call(Request.postTar("/images/load?quiet=1", Busybox.image().archive()))
                .expect(200);
        Fleet.NODES.forEach(this::takesContainers);
    }

    Fleet fleet() {
        return fleet;
    }

    /** At a gateway. */
    Program docker(int gateway, String line) {
        return Program.run(
                "sh", "-c", "docker -H unix://" + fleet.engine(gateway).socket() + " " + line);
    }

    /** What it prints; it has to succeed. */
    String ok(int gateway, String line) {
        return docker(gateway, line).ok().out();
    }

    /** Of a container, a Go template. */
    String inspect(int gateway, String what, String container) {
        return ok(gateway, "inspect --format '" + what + "' " + container).strip();
    }

    /** Of each node, a Go template behind its name and {@code =}. */
    String nodes(int gateway, String what) {
        return docker(gateway, "node ls --format {{.Hostname}}=" + what).out();
    }

    /** Whether a container runs on a node, as a gateway says. */
    boolean isOn(int gateway, String node, String container) {
        return docker(gateway, "node ps --format {{.Name}}/{{.CurrentState}} " + node)
                .out()
                .contains(container + ".1/Running");
    }

    /** Waits for it: where containers go is known for a second. */
    void takesContainers(String node) {
        await(
                node + " takes containers",
                () -> docker(1, "run --rm --network none " + on(node) + " busybox true")
                                .code()
                        == 0);
    }

    /** The container, asked by another one, which is on a network with it. */
    boolean answers(int gateway, String from, String container, String hostname) {
        return docker(gateway, "exec " + from + " nc -w 3 " + container + " " + PORT)
                .out()
                .equals(hostname + "\n");
    }

    /** A published port at the address of a node, asked from where the gateways are. */
    boolean answers(String node, int port, String hostname) {
        return Program.run("sh", "-c", "busybox nc -w 3 " + fleet.address(node) + " " + port + " </dev/null")
                .out()
                .equals(hostname + "\n");
    }

    /** The cgroups of a container's first process. */
    String cgroup(String container) throws IOException {
        return Files.readString(Path.of("/proc", inspect(0, "{{.State.Pid}}", container), "cgroup"));
    }

    /** Takes back what a test that failed has done to the fleet, then removes all containers, networks and volumes. */
    void clear() {
        undo();
        for (String id : docker(0, "ps -aq --no-trunc").out().lines().toList()) {
            docker(0, "rm -f -v " + id);
        }
        assertThat(ok(0, "ps -aq")).isEmpty();
        for (String network :
                ok(0, "network ls -q --filter type=custom").lines().toList()) {
            ok(1, "network rm " + network);
        }
        assertThat(ok(2, "volume ls -q")).isEmpty();
    }

    /** The database goes on, all nodes are there for each other, active, and without labels. */
    private void undo() {
        fleet.thaw();
        Fleet.NODES.forEach(fleet::mend);
        for (String node : Fleet.NODES) {
            await(
                    node + " is active",
                    () -> docker(0, "node update --availability active " + node).code() == 0);
            // Refused where there is none.
            docker(0, "node update --label-rm " + Berths.LABEL + " " + node);
        }
        for (String node : Fleet.NODES) {
            await(node + " is ready", () -> nodes(0, "{{.Status}}").contains(node + "=Ready"));
        }
    }

    @Override
    public void close() {
        fleet.close();
        Trees.delete(directory);
    }

    static String on(String node) {
        return "--label io.longshore.placement.constraint=node.hostname==" + node;
    }

    static void say(String what) {
        System.out.println("fleet: " + what);
    }

    static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** For a minute at most. */
    static void await(String what, BooleanSupplier condition) {
        within(Duration.ofMinutes(1), System.nanoTime(), what, condition);
    }

    static void within(Duration atMost, long began, String what, BooleanSupplier condition) {
        assertThat(Await.until(atMost.minus(since(began)), PAUSE, condition))
                .as("%s within %s", what, atMost)
                .isTrue();
    }

    static void pause(Duration time) {
        LockSupport.parkNanos(Math.max(0, time.toNanos()));
    }
}
