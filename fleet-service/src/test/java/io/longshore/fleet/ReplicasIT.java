package io.longshore.fleet;

import static io.longshore.fleet.FleetReplicas.caller;
import static io.longshore.fleet.FleetReplicas.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.JoinRequest;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.client.Replicas;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.identity.SigningRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three fleet-services on one database. */
class ReplicasIT {
    private static final TestDatabase DATABASE = TestDatabase.create("fleet");
    private static final int RACES = 20;
    /** What one was told the others have within two rounds, and the time of a slow machine. */
    private static final Duration SOON = Duration.ofSeconds(5);

    @TempDir
    static Path directory;

    private static FleetReplicas replicas;

    @BeforeAll
    static void start() {
        replicas = new FleetReplicas(DATABASE, directory, 3);
    }

    @AfterAll
    static void stop() throws IOException {
        replicas.close();
    }

    private static Heartbeat joinedAt(String name, String host) {
        return heartbeat(name, "https://" + host + ":2378", "boot");
    }

    private static void alive(int replica, String id, Heartbeat heartbeat) {
        replicas.fleet(replica).heartbeat(caller(), new NodeId(id), heartbeat);
    }

    private static void soon(String what, BooleanSupplier condition) throws InterruptedException {
        Instant end = Instant.now().plus(SOON);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(end);
            Thread.sleep(50);
        }
    }

    private static boolean isReady(int replica, String id) {
        Node node = replicas.node(replica, id);
        return node != null && node.ready();
    }

    private static String token(int uses) {
        return String.valueOf(
                replicas.engine(0).token(caller(), Map.of("uses", uses)).get("token"));
    }

    @Test
    void whatOneHeardAllKnow() throws InterruptedException {
        alive(0, "a1", joinedAt("told", "10.9.0.1"));
        for (int replica = 0; replica < replicas.count(); replica++) {
            int one = replica;
            soon("replica " + one, () -> isReady(one, "a1"));
        }
        // News go by another one.
        alive(1, "a1", heartbeat("told-anew", "https://10.9.0.1:2378", "boot"));
        soon("the new name", () -> {
            Node node = replicas.node(2, "a1");
            return node != null && node.name().equals("told-anew");
        });
        soon("the old replica", () -> {
            Node node = replicas.node(0, "a1");
            return node != null && node.name().equals("told-anew");
        });
    }

    @Test
    void aNodeIsReadyOnAllWhicheverHearsIt() throws InterruptedException {
        alive(0, "b1", joinedAt("alternates", "10.9.0.2"));
        soon("first", () -> isReady(1, "b1") && isReady(2, "b1"));
        Instant end = Instant.now().plusSeconds(5);
        for (int beat = 1; Instant.now().isBefore(end); beat++) {
            // The third one never hears it.
            alive(beat % 2, "b1", joinedAt("alternates", "10.9.0.2"));
            Instant next = Instant.now().plusSeconds(3);
            while (Instant.now().isBefore(next)) {
                for (int replica = 0; replica < replicas.count(); replica++) {
                    assertThat(isReady(replica, "b1")).as("replica " + replica).isTrue();
                }
                Thread.sleep(100);
            }
        }
    }

    @Test
    void whileTheDatabaseIsAwayNoNodeBecomesUnready() throws Exception {
        alive(0, "g1", joinedAt("heard", "10.9.0.8"));
        alive(0, "g2", joinedAt("silent", "10.9.0.9"));
        for (String id : List.of("g1", "g2")) {
            soon(id, () -> isReady(1, id) && isReady(2, id));
        }
        Instant end = Instant.now().plus(Sightings.READY_WITHIN).plusSeconds(2);
        try (Connection away = DriverManager.getConnection(DATABASE.url(), DATABASE.user(), DATABASE.password());
                Statement lock = away.createStatement()) {
            // For the rounds of all it is as if it did not answer.
            away.setAutoCommit(false);
            lock.execute("lock table fleet.node_seen in access exclusive mode");
            Instant beat = Instant.now();
            while (Instant.now().isBefore(end)) {
                if (!Instant.now().isBefore(beat)) {
                    alive(0, "g1", joinedAt("heard", "10.9.0.8"));
                    beat = beat.plusSeconds(3);
                }
                for (int replica = 0; replica < replicas.count(); replica++) {
                    assertThat(isReady(replica, "g1"))
                            .as("heard, replica " + replica)
                            .isTrue();
                    assertThat(isReady(replica, "g2"))
                            .as("silent, replica " + replica)
                            .isTrue();
                }
                Thread.sleep(100);
            }
        }
        // It is back, and the one that went on hearing tells.
        soon("told", () -> age("g1") < 4);
        for (int replica = 0; replica < replicas.count(); replica++) {
            assertThat(isReady(replica, "g1")).isTrue();
        }
        assertThat(age("g2")).isGreaterThan(9);
    }

    /** In seconds, since it was last heard. */
    private static double age(String node) {
        return DATABASE.jdbc()
                .sql("select extract(epoch from now() - seen) from node_seen where node = ?")
                .param(node)
                .query(Double.class)
                .single();
    }

    @Test
    void aNodeReportsToTheReplicaThatIsLeft() throws Exception {
        try (FleetReplicas own = new FleetReplicas(TestDatabase.create("fleet"), directory.resolve("own"), 2);
                Connections connections = new Connections()) {
            Replicas addresses = Replicas.of(List.of(
                    new Address.Unix(own.service(0).socket()),
                    new Address.Unix(own.service(1).socket())));
            FleetApi fleet = new Parts(connections).client(FleetApi.class, "fleet", addresses);
            fleet.heartbeat(caller(), new NodeId("h1"), joinedAt("moves", "10.9.0.10"));
            own.service(0).close();
            fleet.heartbeat(caller(), new NodeId("h1"), joinedAt("moves", "10.9.0.10"));
            assertThat(fleet.nodes(caller())).hasSize(1).allMatch(Node::ready);
            own.service(1).close();
            assertThatThrownBy(() -> fleet.nodes(caller()))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("fleet at " + addresses);
        }
    }

    @Test
    void aCopyIsRefusedByEveryReplica() throws InterruptedException {
        alive(0, "c1", joinedAt("copied", "10.9.0.3"));
        for (int replica = 0; replica < replicas.count(); replica++) {
            int one = replica;
            assertThatThrownBy(() -> alive(one, "c1", joinedAt("copied", "10.9.0.4")))
                    .as("another place, replica " + one)
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessageContaining("node c1 is alive at https://10.9.0.3:2378");
            assertThatThrownBy(() -> alive(one, "c1", heartbeat("copied", "https://10.9.0.3:2378", "another boot")))
                    .as("another machine, replica " + one)
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessageContaining("has the same identity");
            alive(one, "c1", joinedAt("copied", "10.9.0.3"));
        }
    }

    @Test
    void ofTwoMachinesWithOneIdentityAtOnceOneIsLetIn() throws Exception {
        for (int race = 0; race < RACES; race++) {
            String id = "d" + race;
            String name = "twins" + race;
            List<String> refusals = race(
                    () -> alive(0, id, joinedAt(name, "10.9.1.1")), () -> alive(1, id, joinedAt(name, "10.9.1.2")));
            assertThat(refusals).hasSize(1);
            assertThat(refusals.getFirst()).contains("node " + id + " is alive at");
        }
    }

    @Test
    void ofTwoMachinesWithOneTokenAtOnceOneJoins() throws Exception {
        for (int race = 0; race < RACES; race++) {
            String token = token(1);
            int number = race;
            List<String> refusals = race(() -> join(0, token, "left" + number), () -> join(1, token, "right" + number));
            assertThat(refusals).hasSize(1);
            assertThat(refusals.getFirst()).contains("is used up");
        }
    }

    @Test
    void ofTwoMachinesWithOneNameAtOnceOneJoins() throws Exception {
        String token = token(2 * RACES);
        for (int race = 0; race < RACES; race++) {
            String name = "same" + race;
            List<String> refusals = race(() -> join(0, token, name), () -> join(1, token, name));
            assertThat(refusals).hasSize(1);
            assertThat(refusals.getFirst()).contains("a node named " + name + " has joined already");
        }
    }

    @Test
    void aNameIsOfWhoJoinsOrOfWhoIsBesideFleetService() throws Exception {
        String token = token(2 * RACES);
        for (int race = 0; race < RACES; race++) {
            String name = "beside" + race;
            String id = "e" + race;
            List<String> refusals =
                    race(() -> join(0, token, name), () -> alive(1, id, heartbeat(name, "unix:/run/x.sock", "boot")));
            assertThat(refusals).hasSize(1);
            assertThat(refusals.getFirst()).contains(name).contains("joined");
        }
    }

    @Test
    void oneKeyIsOneNodeWhicheverReplicaIsAsked() throws Exception {
        for (int race = 0; race < RACES; race++) {
            String token = token(1);
            JoinRequest request = new JoinRequest(token, "again" + race, SigningRequest.text(SigningRequest.keys()));
            List<NodeId> nodes = new ArrayList<>();
            assertThat(race(() -> add(nodes, 0, request), () -> add(nodes, 1, request)))
                    .isEmpty();
            assertThat(nodes.getFirst()).isEqualTo(nodes.getLast());
        }
    }

    private static void add(List<NodeId> nodes, int replica, JoinRequest request) {
        NodeId node = replicas.door(replica).join(caller(), request).node();
        synchronized (nodes) {
            nodes.add(node);
        }
    }

    @Test
    void whatAnOperatorWantsAllTellAndWhoIsRemovedStaysSo() throws InterruptedException {
        KeyPair keys = SigningRequest.keys();
        String token = token(1);
        NodeId id = replicas.door(0)
                .join(caller(), new JoinRequest(token, "operated", SigningRequest.text(keys), Availability.PAUSE))
                .node();
        for (int replica = 0; replica < replicas.count(); replica++) {
            alive(replica, id.value(), joinedAt("operated", "10.9.0.6"));
        }
        replicas.engine(1).update(caller(), "operated", 1, Map.of("Availability", "active"));
        for (int replica = 0; replica < replicas.count(); replica++) {
            int one = replica;
            soon("replica " + one, () -> {
                Node node = replicas.node(one, id.value());
                return node != null && node.spec().availability() == Availability.ACTIVE;
            });
            assertThatThrownBy(() -> replicas.engine(one).update(caller(), "operated", 1, Map.of()))
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessageContaining("was changed since version 1");
        }
        replicas.engine(2).remove(caller(), "operated", true);
        for (int replica = 0; replica < replicas.count(); replica++) {
            int one = replica;
            // Its signs of life go on, until a certificate that is revoked lets them in no more.
            soon("replica " + one, () -> {
                try {
                    alive(one, id.value(), joinedAt("operated", "10.9.0.6"));
                } catch (Failure.Unauthenticated e) {
                    return replicas.node(one, id.value()) == null;
                }
                return false;
            });
        }
        Instant end = Instant.now().plusSeconds(2);
        while (Instant.now().isBefore(end)) {
            for (int replica = 0; replica < replicas.count(); replica++) {
                assertThat(replicas.node(replica, id.value())).isNull();
            }
            Thread.sleep(200);
        }
    }

    @Test
    void afterACrashOfTheDatabaseWhatWasUnloggedComesBack() throws InterruptedException {
        alive(0, "f1", joinedAt("crashed", "10.9.0.7"));
        soon("before", () -> isReady(1, "f1"));
        DATABASE.jdbc().sql("truncate node_seen").update();
        // The rest of what all knew is enough for three signs of life.
        Instant next = Instant.now().plusSeconds(3);
        while (Instant.now().isBefore(next)) {
            assertThat(isReady(1, "f1")).isTrue();
            Thread.sleep(100);
        }
        alive(0, "f1", joinedAt("crashed", "10.9.0.7"));
        soon(
                "told anew",
                () -> DATABASE.jdbc()
                        .sql("select exists (select 1 from node_seen where node = 'f1')")
                        .query(Boolean.class)
                        .single());
        assertThat(isReady(1, "f1")).isTrue();
    }

    private static void join(int replica, String token, String name) {
        replicas.door(replica).join(caller(), new JoinRequest(token, name, SigningRequest.text(SigningRequest.keys())));
    }

    /** Both at once, and why they were refused. */
    private static List<String> race(Runnable one, Runnable other) throws Exception {
        CyclicBarrier line = new CyclicBarrier(2);
        List<String> refusals = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> runs = new ArrayList<>();
            for (Runnable run : List.of(one, other)) {
                Callable<Object> start = () -> {
                    line.await();
                    run.run();
                    return run;
                };
                runs.add(threads.submit(start));
            }
            for (Future<Object> run : runs) {
                try {
                    run.get();
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOfAny(Failure.Conflict.class, Failure.Unauthenticated.class);
                    refusals.add(String.valueOf(e.getCause().getMessage()));
                }
            }
        }
        return refusals;
    }
}
