package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import io.longshore.testworld.agent.TestAgent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A fleet of {@code ship}, where all containers are made and which is drained, and another node, {@code tug}. */
abstract class DrainCases {
    static final NodeId SHIP = NodeId.parse("node-1");
    static final NodeId TUG = NodeId.parse("id-of-tug");

    /** A label: it may be made anew. */
    static final String ANEW = "\"io.longshore.placement.move\": \"true\"";

    @TempDir
    static Path directory;

    static World world;
    static TestAgent ship;
    static TestAgent tug;

    @BeforeAll
    static void start() {
        world = new World(directory);
        ship = world.agent();
        tug = world.join("tug", Map.of());
        allOnShip();
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @AfterEach
    void nothingIsLeft() {
        removeAll();
        allOnShip();
        World.await("no move, and no reason", () -> count("move") + count("stay") == 0);
        World.await("nothing on the nodes", () -> ship.present() + tug.present() == 0);
        World.await(
                "claims given up",
                () -> world.networks().claims().size() + world.images().claims().size() == 0);
    }

    static int count(String table) {
        return world.database()
                .jdbc()
                .sql("select count(*) from " + table)
                .query(Integer.class)
                .single();
    }

    static void removeAll() {
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
    }

    /** What is made from now on is on ship. */
    static void allOnShip() {
        world.images().held(List.of(SHIP, TUG), true);
        world.fleet().down("ship", false);
        world.fleet().want("ship", Availability.ACTIVE, Instant.now());
        world.fleet().want("tug", Availability.PAUSE, Instant.now());
        World.await(
                "tug is known to be paused",
                () -> create("", "\"io.longshore.placement.constraint\": \"node.hostname==tug\"", "")
                        .message()
                        .contains("availability pause: 1 of 2 (tug)"));
        World.await("ship takes some", () -> create("", "", "").status() == 201);
        removeAll();
    }

    static void drain() {
        world.fleet().want("tug", Availability.ACTIVE, Instant.now());
        world.fleet().want("ship", Availability.DRAIN, Instant.now());
    }

    static Answer create(String name, String labels, String host, String... command) {
        return createWith(name, labels, host, "", command);
    }

    static Answer createWith(String name, String labels, String host, String config, String... command) {
        String words = command.length == 0 ? "\"sleep\"" : "\"" + String.join("\", \"", command) + "\"";
        String network = host.contains("NetworkMode") ? "" : "\"NetworkMode\": \"none\"" + (host.isEmpty() ? "" : ", ");
        return world.call(
                "POST",
                "/containers/create?name=" + name,
                "{\"Image\": \"busybox\", \"Cmd\": [" + words + "], \"Labels\": {" + labels + "}, " + config
                        + "\"HostConfig\": {" + network + host + "}}");
    }

    static ContainerId run(String name, String labels, String host, String... command) {
        return started(create(name, labels, host, command));
    }

    static ContainerId started(Answer created) {
        assertThat(created.status()).as(created.message()).isEqualTo(201);
        String id = created.body().path("Id").asString();
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        return ContainerId.parse(id);
    }

    static String node(String name) {
        return world.database()
                .jdbc()
                .sql("select node from container where name = :name")
                .param("name", name)
                .query(String.class)
                .single();
    }

    static boolean isOn(NodeId node, String... names) {
        for (String name : names) {
            if (!node(name).equals(node.value())) {
                return false;
            }
        }
        return count("move") == 0;
    }

    static boolean runs(String name) {
        return world.state(name).path("Running").asBoolean();
    }

    /** What {@code docker node ps} shows as the errors, by container. */
    static Map<String, String> errors() {
        Map<String, String> errors = new HashMap<>();
        for (var task : world.get("/tasks").body()) {
            String error = task.path("Status").path("Err").asString("");
            if (!error.isEmpty()) {
                errors.put(task.path("Name").asString(), error);
            }
        }
        return errors;
    }

    static ContainerSpec spec(ContainerId id) {
        return world.service()
                .context()
                .getBean(ContainerStore.class)
                .byId(id)
                .orElseThrow()
                .resolved();
    }

    static ContainerId stubborn(String name, int seconds) {
        return started(createWith(name, ANEW, "", "\"StopTimeout\": " + seconds + ", ", "stubborn"));
    }

    static void awaitStopping(String name) {
        World.await(
                "it is being stopped",
                () -> world.database()
                                .jdbc()
                                .sql(
                                        "select count(*) from move join container on id = container where name = :name and resume")
                                .param("name", name)
                                .query(Integer.class)
                                .single()
                        == 1);
    }

    static ContainerId id(String name) {
        return ContainerId.parse(
                world.get("/containers/" + name + "/json").body().path("Id").asString());
    }
}
