package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.crash.Soak;
import io.longshore.testbed.engine.Fleet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Three nodes and three replicas of each service. {@code -Dacceptance.fleet=long} kills each process and keeps the database and a node away for
 * as long as the soak does; otherwise one process of each part is killed, and nobody waits two minutes for ports to be given up.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class FleetRootIT {
    private static final boolean LONG =
            System.getProperty("acceptance.fleet", "").equals("long");
    private static final long SEED = Long.getLong("acceptance.seed", 20_261_130L);
    private static final Duration DATABASE_AWAY = Duration.ofSeconds(LONG ? 30 : 10);
    private static final Duration NODE_AWAY = Duration.ofSeconds(LONG ? 60 : 15);
    /** After a node has come back, until all that happened there is known and it does as it is told. */
    private static final Duration NODE_KNOWN = Duration.ofSeconds(LONG ? 10 : 60);
    /** Longer than what nobody claims is left alone here. */
    private static final Duration SWEPT = Duration.ofSeconds(LONG ? 45 : 0);
    /** One request in so many may be refused or cut. */
    private static final int TROUBLE_AT_MOST = 5;
    /** After the last request, until what was half done is settled. */
    private static final Duration SETTLED = Duration.ofSeconds(60);

    private static Lane lane;
    private static Fleet fleet;

    @BeforeAll
    static void start() throws IOException {
        assertThat(System.getProperty("user.name")).as("root tests need root").isEqualTo("root");
        lane = Lane.start();
        fleet = lane.fleet();
    }

    @AfterAll
    static void stop() {
        if (lane != null) {
            lane.close();
        }
    }

    @AfterEach
    void removeAll() {
        lane.clear();
    }

    @Test
    @Order(1)
    void containersOnChosenNodesFindEachOther() throws IOException {
        lane.ok(0, "network create -d overlay --attachable back");
        for (int i = 0; i < Fleet.NODES.size(); i++) {
            String node = Fleet.NODES.get(i);
            lane.ok(i, "run -d --name on-" + node + " --network back " + Lane.on(node) + Lane.SERVE);
        }
        for (String node : Fleet.NODES) {
            assertThat(lane.cgroup("on-" + node)).contains(fleet.node(node).cgroup() + "/");
            assertThat(lane.ok(2, "node ps --format {{.Name}} " + node)).isEqualTo("on-" + node + ".1\n");
        }
        for (String from : Fleet.NODES) {
            for (String to : Fleet.NODES) {
                String hostname = lane.inspect(1, "{{.Config.Hostname}}", "on-" + to);
                Lane.await("from " + from + " to " + to, () -> lane.answers(2, "on-" + from, "on-" + to, hostname));
            }
        }
    }

    @Test
    @Order(2)
    void nothingIsLost() throws Exception {
        Soak soak = new Soak(
                "fleet",
                (LONG ? "each process" : "a process of each kind") + " killed, the database away for "
                        + DATABASE_AWAY.toSeconds() + " s, a node drained, one away for " + NODE_AWAY.toSeconds()
                        + " s",
                SEED);
        lane.ok(0, "network create -d overlay --attachable load");
        Residents residents = new Residents(lane, "load");
        Random random = new Random(SEED);
        Drain drain = new Drain(lane, "load", any(random));
        Clients clients = new Clients(fleet, "load");
        clients.start(SEED);
        try {
            Lane.await("load", () -> clients.whole() > 10);
            kill(random);
            works("kills", clients, residents);
            drain.happens(random);
            works("a node was drained", clients, residents);
            fleet.freeze();
            Lane.pause(DATABASE_AWAY);
            fleet.thaw();
            works("the database was away", clients, residents);
            new Partition(lane, residents, any(random), NODE_AWAY, NODE_KNOWN).happens();
            works("a node was away", clients, residents);
        } finally {
            clients.stop();
        }
        Judge judge = new Judge(fleet);
        Duration settled = judge.await(clients.entries(), SETTLED);
        judge.awaitPorts(LONG ? Set.of() : clients.unanswered());
        assertThat(clients.wrong()).isEmpty();
        int troubles =
                clients.troubles().values().stream().mapToInt(Integer::intValue).sum();
        assertThat(troubles).as("refused or cut: %s", clients.troubles()).isLessThan(clients.asked() / TROUBLE_AT_MOST);
        soak.done(clients.whole() + " whole lives, " + troubles + " of " + clients.asked()
                + " requests refused or cut; nothing lost that was answered, all as told "
                + settled.toSeconds() + " s after the last request");
    }

    @Test
    @Order(3)
    void aDatabaseThatGoesBackInTime() throws IOException {
        new Rewind(lane, SWEPT).happens();
    }

    private static String any(Random random) {
        return Fleet.NODES.get(random.nextInt(Fleet.NODES.size()));
    }

    /** Kills processes one after the other, and starts each again. */
    private static void kill(Random random) {
        List<Runnable> kills = new ArrayList<>();
        for (String part : Fleet.parts()) {
            for (int replica : LONG ? List.of(0, 1, 2) : List.of(random.nextInt(Fleet.REPLICAS))) {
                kills.add(() -> {
                    fleet.kill(replica, part);
                    Lane.pause(Duration.ofMillis(500 + random.nextInt(1500)));
                    fleet.start(replica, part);
                });
            }
        }
        for (String node : LONG ? Fleet.NODES : List.of(any(random))) {
            kills.add(() -> {
                fleet.node(node).crash();
                Lane.pause(Duration.ofMillis(500 + random.nextInt(1500)));
                fleet.node(node).restart();
            });
        }
        kills.add(fleet::crashDatabase);
        Collections.shuffle(kills, random);
        kills.forEach(Runnable::run);
    }

    /** Soon each client has lives that are whole again, and who was there is there. */
    private static void works(String after, Clients clients, Residents residents) {
        int before = clients.whole();
        Lane.await("whole lives after " + after, () -> clients.whole() > before + 12);
        residents.areAsBefore();
    }
}
