package io.longshore.container.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.OverlayPeers.Peer;
import io.longshore.testworld.World;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one node is told of another, which is down: its containers are rows that say that they are there. */
class OverlayIT {
    @TempDir
    static Path directory;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(directory);
        world.fleet().second(true);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @AfterEach
    void nobodyIsLeft() {
        // Its row is fiction, so that nobody can be asked to remove it.
        world.database()
                .jdbc()
                .sql("delete from container where node = 'node-2'")
                .update();
        World.await("nobody is left", () -> {
            for (var container : world.get("/containers/json?all=1").body()) {
                world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1", null);
            }
            return world.get("/containers/json?all=1").body().isEmpty()
                    && world.peers().now().isEmpty();
        });
    }

    private static String started(String name) {
        World.Answer created = world.call(
                "POST",
                "/containers/create?name=" + name,
                "{\"Image\": \"busybox\", \"Cmd\": [\"sleep\"], \"HostConfig\": {\"NetworkMode\": \"span\"},"
                        + " \"NetworkingConfig\": {\"EndpointsConfig\": {\"span\": {\"Aliases\": [\"alias\"]}}}}");
        assertThat(created.status()).as(created.body().toString()).isEqualTo(201);
        String id = created.body().path("Id").asString();
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    /** The row says from now on that it is there; nothing tells of it. */
    private static void move(String id) {
        change(id, "node = 'node-2'");
    }

    private static void change(String id, String how) {
        world.database()
                .jdbc()
                .sql("update container set version = version + 1, " + how + " where id = :id")
                .param("id", id)
                .update();
    }

    private static List<Peer> told() {
        return List.copyOf(world.peers().now().values());
    }

    /** How long that takes. */
    private static Duration until(BooleanSupplier condition) {
        long begin = System.nanoTime();
        World.await("the node is told", condition);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    void aNodeIsToldOfAnotherWithinASecond() {
        String here = started("here");
        assertThat(told()).isEmpty();
        String there = started("there");
        move(there);
        assertThat(until(() -> told().size() == 1)).isLessThan(Duration.ofMillis(1_500));
        Peer peer = told().getFirst();
        assertThat(peer.node()).isEqualTo("192.0.2.2");
        assertThat(peer.names()).contains("there", "alias", there.substring(0, 12));
        assertThat(peer.addresses()).hasSize(1).allMatch(address -> address.startsWith("10.8.0."));
        int wholes = world.peers().wholes();
        change(there, "state = 'EXITED'");
        assertThat(until(() -> told().isEmpty())).isLessThan(Duration.ofMillis(1_500));
        change(there, "state = 'RUNNING'");
        until(() -> told().size() == 1);
        assertThat(world.peers().wholes()).as("told in changes").isEqualTo(wholes);
        // Who is on no such network any more need not know.
        world.call("DELETE", "/containers/" + here + "?force=1", null);
        until(() -> told().isEmpty());
    }

    @Test
    void anAgentThatHasLostWhatItWasToldIsToldAllOfIt() {
        started("here");
        String there = started("there");
        move(there);
        until(() -> told().size() == 1);
        world.peers().forget();
        until(() -> told().size() == 1);
    }

    @Test
    void aStartWaitsUntilTheNodeKnowsTheOthers() throws InterruptedException {
        String there = started("there");
        move(there);
        // So long that the node is not on the network any more.
        Thread.sleep(2_000);
        assertThat(told()).isEmpty();
        started("here");
        assertThat(told()).hasSize(1);
    }

    @Test
    void anotherReplicaTellsAllOfItUnderItsOwnEpoch() {
        started("here");
        String there = started("there");
        move(there);
        until(() -> told().size() == 1);
        int wholes = world.peers().wholes();
        world.restart(() -> world.peers().forget());
        until(() -> told().size() == 1);
        assertThat(world.peers().wholes()).isGreaterThan(wholes);
    }
}
