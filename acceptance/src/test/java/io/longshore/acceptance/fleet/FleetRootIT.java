package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.crash.Soak;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three nodes and three replicas of each service. {@code -Dacceptance.fleet=long} kills each process and keeps the database and a node away for
 * as long as the soak does; otherwise one process of each part is killed.
 */
@Order(1)
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class FleetRootIT {
    private static final boolean LONG =
            System.getProperty("acceptance.fleet", "").equals("long");
    private static final long SEED = Long.getLong("acceptance.seed", 20_261_130L);
    private static final Duration DATABASE_AWAY = Duration.ofSeconds(LONG ? 30 : 10);
    private static final Duration NODE_AWAY = Duration.ofSeconds(LONG ? 60 : 15);
    /** After a node has come back. */
    private static final Duration HEALED = Duration.ofSeconds(10);
    /** One request in so many may be refused or cut. */
    private static final int TROUBLE_AT_MOST = 5;
    /** After the last request, until what was half done is settled. */
    private static final Duration SETTLED = Duration.ofSeconds(60);

    private static final List<String> OPTIONS =
            List.of("-Xmx96m", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:+UseTransparentHugePages");

    private static Path directory;
    private static Fleet fleet;

    @BeforeAll
    static void start() throws IOException {
        assertThat(System.getProperty("user.name")).as("root tests need root").isEqualTo("root");
        directory = Files.createTempDirectory("longshore-fleet-");
        long began = System.nanoTime();
        fleet = Fleet.start(directory, OPTIONS);
        say("a fleet started in " + since(began).toSeconds() + " s");
        for (String node : Fleet.NODES) {
            await(
                    node + " is ready",
                    () -> docker(0, "node ls --format {{.Hostname}}={{.Status}}")
                            .out()
                            .contains(node + "=Ready"));
            ok(0, "node update --availability active " + node);
        }
        fleet.engine(1)
                .call(Request.postTar("/images/load?quiet=1", Busybox.image().archive()))
                .expect(200);
        for (String node : Fleet.NODES) {
            // What takes containers is known for a second.
            await(
                    node + " takes containers",
                    () -> docker(1, "run --rm --network none " + on(node) + " busybox true")
                                    .code()
                            == 0);
        }
        say("it takes containers after " + since(began).toSeconds() + " s");
    }

    @AfterAll
    static void stop() {
        if (fleet != null) {
            fleet.close();
        }
        Trees.delete(directory);
    }

    @AfterEach
    void removeAll() {
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

    private static void say(String what) {
        System.out.println("fleet: " + what);
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static String on(String node) {
        return "--label io.longshore.placement.constraint=node.hostname==" + node;
    }

    /** At a gateway. */
    private static Program docker(int gateway, String line) {
        return Program.run(
                "sh", "-c", "docker -H unix://" + fleet.engine(gateway).socket() + " " + line);
    }

    private static String ok(int gateway, String line) {
        return docker(gateway, line).ok().out();
    }

    private static void await(String what, BooleanSupplier condition) {
        assertThat(Await.until(Duration.ofMinutes(1), condition)).as(what).isTrue();
    }

    private static String cgroup(String container) throws IOException {
        String pid = ok(0, "inspect --format {{.State.Pid}} " + container).strip();
        return Files.readString(Path.of("/proc", pid, "cgroup"));
    }

    @Test
    void containersOnChosenNodesFindEachOther() throws IOException {
        ok(0, "network create -d overlay --attachable back");
        String serve = " busybox sh -c 'while true; do hostname | nc -l -p 8080; done'";
        for (int i = 0; i < Fleet.NODES.size(); i++) {
            String node = Fleet.NODES.get(i);
            ok(i, "run -d --name on-" + node + " --network back " + on(node) + serve);
        }
        for (String node : Fleet.NODES) {
            assertThat(cgroup("on-" + node)).contains(fleet.node(node).cgroup() + "/");
            assertThat(ok(2, "node ps --format {{.Name}} " + node)).isEqualTo("on-" + node + ".1\n");
        }
        for (String from : Fleet.NODES) {
            for (String to : Fleet.NODES) {
                String name = ok(1, "inspect --format {{.Config.Hostname}} on-" + to);
                await(
                        "from " + from + " to " + to,
                        () -> docker(2, "exec on-" + from + " nc -w 3 on-" + to + " 8080")
                                .out()
                                .equals(name));
            }
        }
    }

    @Test
    void nothingIsLost() throws Exception {
        Soak soak = new Soak(
                "fleet",
                (LONG ? "each process" : "a process of each kind") + " killed, the database away for "
                        + DATABASE_AWAY.toSeconds() + " s, a node for " + NODE_AWAY.toSeconds() + " s",
                SEED);
        ok(0, "network create -d overlay --attachable load");
        Random random = new Random(SEED);
        Clients clients = new Clients(fleet, "load");
        clients.start(SEED);
        try {
            await("load", () -> clients.whole() > 10);
            kill(random);
            works("kills", clients);
            fleet.freeze();
            pause(DATABASE_AWAY);
            fleet.thaw();
            works("the database was away", clients);
            String lost = Fleet.NODES.get(random.nextInt(Fleet.NODES.size()));
            fleet.cut(lost);
            pause(NODE_AWAY);
            fleet.mend(lost);
            pause(HEALED);
            assertThat(twice()).as("what runs twice after %s", HEALED).isEmpty();
            works("a node was away", clients);
        } finally {
            clients.stop();
        }
        Duration settled = new Judge(fleet).await(clients.entries(), SETTLED);
        assertThat(clients.wrong()).isEmpty();
        int troubles =
                clients.troubles().values().stream().mapToInt(Integer::intValue).sum();
        assertThat(troubles).as("refused or cut: %s", clients.troubles()).isLessThan(clients.asked() / TROUBLE_AT_MOST);
        soak.done(clients.whole() + " whole lives, " + troubles + " of " + clients.asked()
                + " requests refused or cut; nothing lost that was answered, all as told "
                + settled.toSeconds() + " s after the last request");
    }

    /** Kills processes one after the other, and starts each again. */
    private static void kill(Random random) {
        List<Runnable> kills = new ArrayList<>();
        for (String part : Fleet.parts()) {
            for (int replica : LONG ? List.of(0, 1, 2) : List.of(random.nextInt(Fleet.REPLICAS))) {
                kills.add(() -> {
                    fleet.kill(replica, part);
                    pause(Duration.ofMillis(500 + random.nextInt(1500)));
                    fleet.start(replica, part);
                });
            }
        }
        for (String node : LONG ? Fleet.NODES : List.of(Fleet.NODES.get(random.nextInt(Fleet.NODES.size())))) {
            kills.add(() -> {
                fleet.node(node).crash();
                pause(Duration.ofMillis(500 + random.nextInt(1500)));
                fleet.node(node).restart();
            });
        }
        Collections.shuffle(kills, random);
        kills.forEach(Runnable::run);
    }

    /** Soon each client has lives that are whole again. */
    private static void works(String after, Clients clients) {
        int before = clients.whole();
        await("whole lives after " + after, () -> clients.whole() > before + 12);
    }

    private static Map<String, List<String>> twice() {
        Map<String, List<String>> running = fleet.running();
        running.values().removeIf(nodes -> nodes.size() == 1);
        return running;
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(Math.max(0, time.toNanos()));
    }
}
