package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.id.NodeId;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers on a fleet of two nodes, {@code ship} and {@code tug}, with 8 GiB and two processors each. */
class PlacementIT {
    @TempDir
    static Path directory;

    private static final NodeId SHIP = NodeId.parse("node-1");
    private static final NodeId TUG = NodeId.parse("id-of-tug");

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(directory);
        world.join("tug", Map.of("zone", "b"));
        World.await(
                "two nodes",
                () -> create("tug", "\"io.longshore.placement.constraint\": \"node.hostname==tug\"", "")
                                .status()
                        == 201);
        removeAll();
        world.images().held(List.of(SHIP, TUG), true);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @AfterEach
    void nothingIsLeft() {
        removeAll();
        world.images().held(List.of(SHIP, TUG), true);
        world.volumes().placed(Map.of());
        world.networks().settled(null);
        world.networks().placed(Map.of());
        world.networks().spanning();
        World.await(
                "claims given up",
                () -> world.networks().claims().size() == 0
                        && world.images().claims().size() == 0);
    }

    private static void removeAll() {
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
        world.post("/containers/prune");
    }

    private static Answer create(String name, String labels, String host) {
        return world.call(
                "POST",
                "/containers/create?name=" + name,
                "{\"Image\": \"busybox\", \"Cmd\": [\"sleep\"], \"Labels\": {" + labels
                        + "}, \"HostConfig\": {\"NetworkMode\": \"none\"" + host + "}}");
    }

    private static String node(String name) {
        return world.database()
                .jdbc()
                .sql("select node from container where name = :name")
                .param("name", name)
                .query(String.class)
                .single();
    }

    /** How many containers are on which node. */
    private static Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        world.database()
                .jdbc()
                .sql("select node from container")
                .query(String.class)
                .list()
                .forEach(node -> counts.merge(node, 1, Integer::sum));
        return counts;
    }

    @Test
    void theyAreSpread() throws InterruptedException {
        // What went less than half a second ago may still be counted.
        Thread.sleep(600);
        for (int n = 0; n < 6; n++) {
            assertThat(create("some" + n, "", "").status()).isEqualTo(201);
        }
        assertThat(counts()).isEqualTo(Map.of("id-of-tug", 3, "node-1", 3));
    }

    @Test
    void orPacked() {
        for (int n = 0; n < 4; n++) {
            assertThat(create("some" + n, "\"io.longshore.placement.strategy\": \"pack\"", "")
                            .status())
                    .isEqualTo(201);
        }
        assertThat(counts()).hasSize(1);
    }

    @Test
    void onTheNodeThatIsAskedForAndTheyRunThere() {
        for (int n = 0; n < 3; n++) {
            Answer created = create("some" + n, "\"io.longshore.placement.constraint\": \"node.labels.zone==b\"", "");
            assertThat(created.status()).isEqualTo(201);
            assertThat(node("some" + n)).isEqualTo("id-of-tug");
        }
        assertThat(world.post("/containers/some1/start").status()).isEqualTo(204);
        assertThat(world.state("some1").path("Running").asBoolean()).isTrue();
        assertThat(world.get("/containers/json").body()).hasSize(1);
    }

    @Test
    void whereNoneWillDoItIsSaidWhy() {
        Answer refused = create("three", "\"io.longshore.placement.constraint\": \"node.labels.zone==c\"", "");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.message()).isEqualTo("no suitable node: constraint node.labels.zone==c: 2 of 2 (ship, tug)");
        assertThat(create("three", "\"io.longshore.placement.constraint\": \"zone=c\"", "")
                        .status())
                .isEqualTo(400);
        assertThat(create("three", "\"io.longshore.placement.strategy\": \"far\"", "")
                        .message())
                .contains("io.longshore.placement.strategy", "\"far\"", "spread, pack");
        assertThat(create("three", "\"io.longshore.reservation.cpus\": \"two\"", "")
                        .message())
                .contains("io.longshore.reservation.cpus", "\"two\"");
    }

    @Test
    void ofManyAtOnceThoseThatWantOneNameHoldUpNoOther() throws Exception {
        List<Future<Answer>> others = new ArrayList<>();
        List<Future<Answer>> same = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(32)) {
            for (int n = 0; n < 60; n++) {
                String name = "some" + n;
                others.add(clients.submit(() -> create(name, "", "")));
                if (n % 6 == 0) {
                    same.add(clients.submit(() -> create("wanted", "", "")));
                }
            }
        }
        for (Future<Answer> other : others) {
            assertThat(other.get().status()).isEqualTo(201);
        }
        List<Integer> statuses = new ArrayList<>();
        for (Future<Answer> one : same) {
            statuses.add(one.get().status());
        }
        assertThat(statuses).containsOnly(201, 409).containsOnlyOnce(201);
        // Each has its one event, as if it had come alone.
        assertThat(world.database()
                        .jdbc()
                        .sql("select count(*) from container c where 1 = (select count(*) from event e"
                                + " where e.actor_id = c.id and e.type = 'container' and e.action = 'create')")
                        .query(Integer.class)
                        .single())
                .isEqualTo(61);
        assertThat(world.get("/containers/json?all=1").body()).hasSize(61);
    }

    @Test
    void memoryIsReservedOnceHoweverManyAskAtOnce() throws Exception {
        List<Future<Answer>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(16)) {
            for (int n = 0; n < 40; n++) {
                String name = "some" + n;
                answers.add(clients.submit(() -> create(name, "", ", \"MemoryReservation\": " + (1L << 30))));
            }
        }
        int made = 0;
        for (Future<Answer> answer : answers) {
            if (answer.get().status() == 201) {
                made++;
            } else {
                assertThat(answer.get().status()).isEqualTo(503);
                assertThat(answer.get().message()).startsWith("no suitable node: ");
            }
        }
        assertThat(counts()).isEqualTo(Map.of("id-of-tug", 8, "node-1", 8));
        assertThat(made).isEqualTo(16);
        // From where the rows of before have it.
        assertThat(world.database()
                        .jdbc()
                        .sql("select count(*) from container"
                                + " where memory_bytes = (request -> 'hostConfig' ->> 'MemoryReservation')::bigint")
                        .query(Integer.class)
                        .single())
                .isEqualTo(16);
        // What is reserved is read twice a second: until then one of them may be tried, and be refused by its rows.
        World.await(
                "a refusal by what both have",
                () -> create("late", "", ", \"MemoryReservation\": " + (1L << 30))
                        .message()
                        .equals("no suitable node: not enough memory left to reserve: 2 of 2 (ship, tug)"));
        // One that goes makes room.
        removeOne();
        World.await(
                "room",
                () -> create("late", "", ", \"MemoryReservation\": " + (1L << 30))
                                .status()
                        == 201);
    }

    private static void removeOne() {
        String id = world.get("/containers/json?all=1").body().get(0).path("Id").asString();
        assertThat(world.call("DELETE", "/containers/" + id, null).status()).isEqualTo(204);
    }

    @Test
    void processorsAreReservedByLabel() {
        String most = "\"io.longshore.reservation.cpus\": \"1.5\"";
        assertThat(create("one", most, "").status()).isEqualTo(201);
        assertThat(create("two", most, "").status()).isEqualTo(201);
        assertThat(node("one")).isNotEqualTo(node("two"));
        assertThat(create("three", most, "").message())
                .isEqualTo("no suitable node: not enough processors left to reserve: 2 of 2 (ship, tug)");
        assertThat(create("three", "\"io.longshore.reservation.cpus\": \"0.5\"", "")
                        .status())
                .isEqualTo(201);
    }

    /** What an update reserves counts for those that come later. */
    @Test
    void anUpdateChangesWhatIsReserved() {
        String there = "\"io.longshore.placement.constraint\": \"node.hostname==tug\"";
        assertThat(create("one", there, "").status()).isEqualTo(201);
        assertThat(world.call("POST", "/containers/one/update", "{\"MemoryReservation\": " + (7L << 30) + "}")
                        .status())
                .isEqualTo(200);
        World.await(
                "it counts",
                () -> create("two", there, ", \"MemoryReservation\": " + (2L << 30))
                        .message()
                        .equals("no suitable node: constraint node.hostname==tug: 1 of 2 (ship);"
                                + " not enough memory left to reserve: 1 of 2 (tug)"));
    }

    @Test
    void twoThatNameOnePortAreApartWhileThatGoes() throws Exception {
        String port = ", \"PortBindings\": {\"80/tcp\": [{\"HostPort\": \"8080\"}]}";
        List<Future<Answer>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(2)) {
            for (String name : List.of("one", "two")) {
                answers.add(clients.submit(() -> create(name, "", port)));
            }
        }
        for (Future<Answer> answer : answers) {
            assertThat(answer.get().status()).isEqualTo(201);
        }
        assertThat(node("one")).isNotEqualTo(node("two"));
        // As Compose does when it makes one anew before it removes the other.
        assertThat(create("three", "", port).status()).isEqualTo(201);
    }

    @Test
    void toItsVolumeItsNetworkAndTheContainerThatItJoins() {
        world.volumes().placed(Map.of("data", TUG));
        for (int n = 0; n < 3; n++) {
            assertThat(create("v" + n, "", ", \"Binds\": [\"data:/data\"]").status())
                    .isEqualTo(201);
            assertThat(node("v" + n)).isEqualTo("id-of-tug");
            assertThat(create("j" + n, "", ", \"PidMode\": \"container:v0\"").status())
                    .isEqualTo(201);
            assertThat(node("j" + n)).isEqualTo("id-of-tug");
        }
        world.networks().placed(Map.of("lan", SHIP));
        Answer refused = world.call(
                "POST",
                "/containers/create",
                "{\"Image\": \"busybox\", \"HostConfig\": {\"NetworkMode\": \"lan\", \"Binds\": [\"data:/data\"]}}");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.message())
                .isEqualTo("no suitable node: volume data is on another node: 1 of 2 (ship);"
                        + " network lan is on another node: 1 of 2 (tug)");
    }

    /** Others could not send to {@code tug}. */
    @Test
    void aNetworkThatSpansNodesNeedsOneThatOthersReach() {
        world.networks().spanning("lan");
        for (int n = 0; n < 3; n++) {
            assertThat(onLan("some" + n, "").status()).isEqualTo(201);
            assertThat(node("some" + n)).isEqualTo("node-1");
        }
        Answer refused = onLan("one", "\"io.longshore.placement.constraint\": \"node.hostname==tug\"");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.message())
                .isEqualTo("no suitable node: constraint node.hostname==tug: 1 of 2 (ship);"
                        + " no agent.data-address, which a network that spans nodes needs: 1 of 2 (tug)");
    }

    private static Answer onLan(String name, String labels) {
        return world.call(
                "POST",
                "/containers/create?name=" + name,
                "{\"Image\": \"busybox\", \"Labels\": {" + labels + "}, \"HostConfig\": {\"NetworkMode\": \"lan\"}}");
    }

    /** Nobody was on the network when the node was chosen. */
    @Test
    void whereItsNetworkWasSettledMeanwhile() {
        for (NodeId settled : List.of(SHIP, TUG)) {
            world.networks().placed(Map.of());
            world.networks().settled(settled);
            Answer created = world.call(
                    "POST",
                    "/containers/create?name=one",
                    "{\"Image\": \"busybox\", \"HostConfig\": {\"NetworkMode\": \"lan\"}}");
            assertThat(created.status()).as(created.message()).isEqualTo(201);
            assertThat(node("one")).isEqualTo(settled.value());
            removeAll();
        }
    }

    @Test
    void itsImageFollows() {
        world.images().held(List.of(SHIP), true);
        String there = "\"io.longshore.placement.constraint\": \"node.hostname==tug\"";
        assertThat(create("one", there, "").status()).isEqualTo(201);
        assertThat(create("two", there, "").status()).isEqualTo(201);
        assertThat(world.images().placed()).containsExactly(TUG);
    }

    @Test
    void orItFollowsItsImageWhereThatCannotLeave() {
        world.images().held(List.of(TUG), false);
        for (int n = 0; n < 3; n++) {
            assertThat(create("some" + n, "", "").status()).isEqualTo(201);
        }
        assertThat(counts()).isEqualTo(Map.of("id-of-tug", 3));
        Answer refused = create("one", "\"io.longshore.placement.constraint\": \"node.hostname==ship\"", "");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.message())
                .isEqualTo(
                        "no suitable node: constraint node.hostname==ship: 1 of 2 (tug); the image is not there, and no"
                                + " system registry has it: 1 of 2 (ship)");
    }

    @Test
    void aPathOfTheHostNeedsAHost() {
        String bind = ", \"Binds\": [\"/tmp:/data\"]";
        Answer refused = create("one", "", bind);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.message())
                .isEqualTo(
                        "cannot mount /tmp of the host: the fleet has 2 nodes that take containers, and each has another;"
                                + " say which one is meant with the label io.longshore.placement.constraint=node.hostname==NAME,"
                                + " or use a volume");
        assertThat(create("one", "\"io.longshore.placement.constraint\": \"node.hostname==tug\"", bind)
                        .status())
                .isEqualTo(201);
    }

    /** As Testcontainers' reaper, Traefik and Portainer do: it is the same engine whichever node they are on, and ship has its socket. */
    @Test
    void whoMountsTheSocketOfTheApiGoesWhereThatIs() {
        for (String source : List.of(
                "/run/longshore/longshore.sock", "/var/run/docker.sock", "/var/run/longshore", "/run/docker.sock")) {
            for (int n = 0; n < 2; n++) {
                String bind = ", \"Binds\": [\"" + source + ":/var/run/docker.sock:ro\", \"/tmp:/data\"]";
                Answer created = create("some" + n, "", bind);
                assertThat(created.status()).as(created.message()).isEqualTo(201);
                assertThat(node("some" + n)).isEqualTo("node-1");
            }
            removeAll();
        }
        String mount =
                ", \"Mounts\": [{\"Type\": \"bind\", \"Source\": \"/run/longshore/longshore.sock\", \"Target\": \"/s\"}]";
        assertThat(create("one", "\"io.longshore.placement.constraint\": \"node.hostname==tug\"", mount)
                        .message())
                .isEqualTo("no suitable node: constraint node.hostname==tug: 1 of 2 (ship);"
                        + " the socket of the API is on another node: 1 of 2 (tug)");
        assertThat(create("one", "", ", \"Binds\": [\"/run/longshore/other.sock:/s\"]")
                        .status())
                .isEqualTo(400);
    }
}
