package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.RunningService;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import io.longshore.testworld.agent.TestAgent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Draining {@code ship}, where all containers are made, in a fleet with another node, {@code tug}. */
class DrainIT {
    private static final NodeId SHIP = NodeId.parse("node-1");
    private static final NodeId TUG = NodeId.parse("id-of-tug");

    /** A label: it may be made anew. */
    private static final String ANEW = "\"io.longshore.placement.move\": \"true\"";

    @TempDir
    static Path directory;

    private static World world;
    private static TestAgent ship;
    private static TestAgent tug;

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

    private static int count(String table) {
        return world.database()
                .jdbc()
                .sql("select count(*) from " + table)
                .query(Integer.class)
                .single();
    }

    private static void removeAll() {
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
    }

    /** What is made from now on is on ship. */
    private static void allOnShip() {
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

    private static void drain() {
        world.fleet().want("tug", Availability.ACTIVE, Instant.now());
        world.fleet().want("ship", Availability.DRAIN, Instant.now());
    }

    private static Answer create(String name, String labels, String host, String... command) {
        return createWith(name, labels, host, "", command);
    }

    private static Answer createWith(String name, String labels, String host, String config, String... command) {
        String words = command.length == 0 ? "\"sleep\"" : "\"" + String.join("\", \"", command) + "\"";
        String network = host.contains("NetworkMode") ? "" : "\"NetworkMode\": \"none\"" + (host.isEmpty() ? "" : ", ");
        return world.call(
                "POST",
                "/containers/create?name=" + name,
                "{\"Image\": \"busybox\", \"Cmd\": [" + words + "], \"Labels\": {" + labels + "}, " + config
                        + "\"HostConfig\": {" + network + host + "}}");
    }

    private static ContainerId run(String name, String labels, String host, String... command) {
        return started(create(name, labels, host, command));
    }

    private static ContainerId started(Answer created) {
        assertThat(created.status()).as(created.message()).isEqualTo(201);
        String id = created.body().path("Id").asString();
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        return ContainerId.parse(id);
    }

    private static String node(String name) {
        return world.database()
                .jdbc()
                .sql("select node from container where name = :name")
                .param("name", name)
                .query(String.class)
                .single();
    }

    private static boolean isOn(NodeId node, String... names) {
        for (String name : names) {
            if (!node(name).equals(node.value())) {
                return false;
            }
        }
        return count("move") == 0;
    }

    private static boolean runs(String name) {
        return world.state(name).path("Running").asBoolean();
    }

    /** What {@code docker node ps} shows as the errors, by container. */
    private static Map<String, String> errors() {
        Map<String, String> errors = new HashMap<>();
        for (var task : world.get("/tasks").body()) {
            String error = task.path("Status").path("Err").asString("");
            if (!error.isEmpty()) {
                errors.put(task.path("Name").asString(), error);
            }
        }
        return errors;
    }

    @Test
    void whatLosesNothingMovesAsItIs() {
        assertThat(create("fresh", "", "").status()).isEqualTo(201);
        ContainerId readOnly = run("readonly", "\"mine\": \"1\"", "\"ReadonlyRootfs\": true");
        ContainerId anew = run("anew", ANEW, "");
        ContainerId ended = run("ended", ANEW, "", "exit", "3");
        World.await("its end", () -> !runs("ended"));
        String created =
                world.get("/containers/readonly/json").body().path("Created").asString();
        List<String> before = world.actions(anew.value(), 2);
        drain();
        World.await("they have moved", () -> isOn(TUG, "fresh", "readonly", "anew", "ended"));
        var inspected = world.get("/containers/readonly/json").body();
        assertThat(inspected.path("Id").asString()).isEqualTo(readOnly.value());
        assertThat(inspected.path("Created").asString()).isEqualTo(created);
        assertThat(inspected.path("Config").path("Labels").path("mine").asString())
                .isEqualTo("1");
        assertThat(List.of(runs("readonly"), runs("anew"), runs("ended"), runs("fresh")))
                .containsExactly(true, true, false, false);
        assertThat(world.state("ended").path("ExitCode").asInt()).isEqualTo(3);
        assertThat(world.state("fresh").path("Status").asString()).isEqualTo("created");
        assertThat(before).containsExactly("create", "start");
        assertThat(world.actions(anew.value(), 7))
                .containsExactly("create", "start", "kill", "die", "stop", "start", "restart");
        assertThat(world.actions(ended.value(), 3)).containsExactly("create", "start", "die");
        assertThat(ship.present()).isZero();
        assertThat(errors()).isEmpty();
        // All is as usual there, and the way back is open.
        assertThat(world.post("/containers/ended/start").status()).isEqualTo(204);
        World.await("its end", () -> world.actions(ended.value(), 5).size() == 5);
        assertThat(world.post("/containers/fresh/start").status()).isEqualTo(204);
        assertThat(world.post("/containers/fresh/kill").status()).isEqualTo(204);
        world.fleet().want("ship", Availability.ACTIVE, Instant.now());
        world.fleet().want("tug", Availability.DRAIN, Instant.now());
        World.await("they have moved back", () -> isOn(SHIP, "readonly", "anew", "ended"));
        assertThat(runs("readonly")).isTrue();
        assertThat(errors()).containsOnlyKeys("fresh");
        assertThat(tug.present()).isEqualTo(1);
        assertThat(world.images().claims().owners())
                .filteredOn(owner -> owner.container().equals(anew))
                .singleElement()
                .matches(owner -> owner.generation() == 3);
    }

    @Test
    void whatCannotLeaveStaysAndSaysWhy() {
        run("writer", "", "");
        run("bound", ANEW, "\"Binds\": [\"/tmp:/data\"]");
        run("stored", ANEW, "\"Binds\": [\"data:/data\"]");
        run("joined", ANEW, "");
        run("joiner", ANEW, "\"PidMode\": \"container:joined\"");
        run("host", ANEW, "\"NetworkMode\": \"host\"");
        run("once", ANEW, "\"AutoRemove\": true");
        run("first", ANEW, "\"NetworkMode\": \"lan\"");
        run("second", ANEW, "\"NetworkMode\": \"lan\"");
        started(createWith("patient", ANEW, "", "\"StopTimeout\": -1, "));
        started(createWith("slow", ANEW, "", "\"StopTimeout\": 3600, "));
        run("fixed", ANEW + ", \"io.longshore.placement.constraint\": \"node.hostname==ship\"", "");
        ContainerId copied =
                ContainerId.parse(create("copied", "", "").body().path("Id").asString());
        ship.apply(World.caller(), copied, new ApplyRequest(ship.highestEpoch(World.caller()), spec(copied), 0));
        drain();
        World.await("all say why", () -> errors().size() == 13);
        assertThat(errors())
                .isEqualTo(Map.ofEntries(
                        Map.entry(
                                "writer",
                                "stays: what it has written would be lost: --read-only, or label"
                                        + " io.longshore.placement.move=true, says that there is nothing to lose"),
                        Map.entry("bound", "stays: bind mount of /tmp, which is this node's"),
                        Map.entry("stored", "stays: volume data does not leave this node"),
                        Map.entry(
                                "joined",
                                "stays: container joiner and this one share namespaces or a link, and one node"),
                        Map.entry(
                                "joiner",
                                "stays: container joined and this one share namespaces or a link, and one node"),
                        Map.entry("host", "stays: network host is this node's"),
                        Map.entry("once", "stays: --rm: it is left to its end, which removes it"),
                        Map.entry("first", "stays: network lan does not leave this node, and has others on it: second"),
                        Map.entry("second", "stays: network lan does not leave this node, and has others on it: first"),
                        Map.entry("patient", "stays: its stop may take for ever (--stop-timeout -1): stop it"),
                        Map.entry("slow", "stays: its stop may take 3600 s, longer than the drain has left: stop it"),
                        Map.entry(
                                "fixed",
                                "stays: no suitable node: availability drain: 1 of 2 (ship);"
                                        + " constraint node.hostname==ship: 1 of 2 (tug)"),
                        Map.entry(
                                "copied",
                                "stays: it may hold files (docker cp), which would be lost: --read-only, or label"
                                        + " io.longshore.placement.move=true, says that there is nothing to lose")));
        assertThat(count("move")).isZero();
        assertThat(tug.present()).isZero();
        assertThat(ship.present()).isEqualTo(13);
        // What kept it goes, and so does it.
        assertThat(world.post("/containers/slow/stop?t=0").status()).isEqualTo(204);
        assertThat(world.call("DELETE", "/containers/first?force=1", null).status())
                .isEqualTo(204);
        World.await("they have moved", () -> isOn(TUG, "slow", "second"));
        assertThat(runs("second")).isTrue();
        assertThat(runs("slow")).isFalse();
        assertThat(errors()).hasSize(10);
    }

    private static ContainerSpec spec(ContainerId id) {
        return world.service()
                .context()
                .getBean(ContainerStore.class)
                .byId(id)
                .orElseThrow()
                .resolved();
    }

    @Test
    void whereItsImageCannotFollowItStays() {
        run("one", ANEW, "");
        world.images().held(List.of(SHIP), false);
        drain();
        World.await("it says why", () -> errors().containsKey("one"));
        assertThat(errors())
                .isEqualTo(Map.of(
                        "one",
                        "stays: no suitable node: availability drain: 1 of 2 (ship); the image is not there, and no system"
                                + " registry has it: 1 of 2 (tug)"));
        assertThat(runs("one")).isTrue();
        world.images().held(List.of(SHIP), true);
        World.await("it has moved", () -> isOn(TUG, "one"));
        assertThat(world.images().placed()).containsExactly(TUG);
    }

    /** Nothing was to be lost when its move began. */
    @Test
    void whatGetsFilesWhileItsImageIsBroughtStays() {
        assertThat(create("started", "", "").status()).isEqualTo(201);
        assertThat(create("filled", "", "").status()).isEqualTo(201);
        ContainerId started = id("started");
        ContainerId filled = id("filled");
        world.images().meanwhile(brought -> {
            if (brought.equals(started)) {
                world.post("/containers/started/start");
            } else {
                ship.apply(
                        World.caller(), filled, new ApplyRequest(ship.highestEpoch(World.caller()), spec(filled), 0));
            }
        });
        drain();
        World.await("both say why", () -> errors().size() == 2);
        assertThat(errors().get("started")).startsWith("stays: what it has written would be lost");
        assertThat(errors().get("filled")).startsWith("stays: it may hold files (docker cp), which would be lost");
        assertThat(isOn(SHIP, "started", "filled")).isTrue();
        assertThat(ship.started(started)).isEqualTo(1);
        assertThat(runs("started")).isTrue();
        assertThat(tug.present()).isZero();
    }

    @Test
    void whatCannotBeClearedAwayKeepsItFromNothing() {
        ContainerId id = run("free", ANEW, "");
        ship.busy(true);
        drain();
        World.await("it runs there", () -> node("free").equals(TUG.value()) && runs("free"));
        world.images().away(true);
        ship.busy(false);
        World.await("it is removed", () -> ship.present() == 0);
        assertThat(count("move")).isEqualTo(1);
        world.images().away(false);
        World.await("all is cleared away", () -> isOn(TUG, "free"));
        assertThat(world.images().claims().owners()).containsExactly(new Owner(id, 2));
        assertThat(tug.started(id)).isEqualTo(1);
    }

    @Test
    void itsAddressesGoAlong() {
        run("far", ANEW, "\"NetworkMode\": \"span\"");
        run("alone", ANEW, "\"NetworkMode\": \"lan\"");
        var far = networks("far");
        var alone = networks("alone");
        drain();
        World.await("they have moved", () -> isOn(TUG, "far", "alone"));
        assertThat(networks("far").path("span").path("IPAddress"))
                .isEqualTo(far.path("span").path("IPAddress"));
        assertThat(networks("alone").path("lan").path("IPAddress"))
                .isEqualTo(alone.path("lan").path("IPAddress"));
        assertThat(alone.path("lan").path("IPAddress").asString()).startsWith("10.9.0.");
    }

    private static tools.jackson.databind.JsonNode networks(String name) {
        return world.get("/containers/" + name + "/json")
                .body()
                .path("NetworkSettings")
                .path("Networks");
    }

    @Test
    void manyMoveOnceEachThoughTwoReplicasAreThere() {
        List<ContainerId> all = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            all.add(run("many" + n, ANEW, ""));
        }
        try (RunningService other = world.replica("container-2")) {
            assertThat(other.socket()).exists();
            drain();
            World.await("they have moved", () -> tug.present() == 20 && ship.present() == 0 && count("move") == 0);
            for (ContainerId id : all) {
                assertThat(tug.started(id)).isEqualTo(1);
                assertThat(world.actions(id.value(), 7)).hasSize(7);
            }
        }
        assertThat(world.get("/containers/json").body()).hasSize(20);
    }

    /** The service is closed while the stop that it has asked for goes on, and everything else of it with it. */
    @Test
    void whatIsCutOffGoesOn() {
        ContainerId id = stubborn("cut", 2);
        drain();
        awaitStopping("cut");
        world.restart(() -> {});
        World.await("it has moved", () -> isOn(TUG, "cut") && runs("cut"));
        assertThat(tug.started(id)).isEqualTo(1);
        assertThat(ship.present()).isZero();
    }

    private static ContainerId stubborn(String name, int seconds) {
        return started(createWith(name, ANEW, "", "\"StopTimeout\": " + seconds + ", ", "stubborn"));
    }

    private static void awaitStopping(String name) {
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

    /** As it is left when the service is killed right after the row, and as it is left before anything is stopped. */
    @Test
    void whereverItWasCutOff() {
        ContainerId arrived = run("arrived", ANEW, "");
        ContainerId begun = run("begun", ANEW, "");
        world.restart(() -> {
            ship.crash(arrived, 0);
            world.images().claims().take(new Owner(arrived, 2));
            world.database()
                    .jdbc()
                    .sql("insert into move (container, project, generation, source, target, resume, arrived, cpu_nanos,"
                            + " memory_bytes, host_ports) select id, project, 2, 'node-1', 'id-of-tug',"
                            + " name = 'arrived', name = 'arrived', 0, 0, '{}' from container")
                    .update();
            world.database()
                    .jdbc()
                    .sql(
                            "update container set generation = 2, node = 'id-of-tug', state = 'EXITED', exits = 1, starts = 0,"
                                    + " spec = jsonb_set(spec, '{generation}', '2'), version = version + 1,"
                                    + " observed = jsonb_set(observed, '{revision}', '0') where name = 'arrived'")
                    .update();
        });
        // The one that has left arrives; the other one may not leave any more, and stays.
        World.await("both are somewhere", () -> count("move") == 0 && isOn(TUG, "arrived") && isOn(SHIP, "begun"));
        assertThat(List.of(runs("arrived"), runs("begun"))).containsExactly(true, true);
        assertThat(tug.started(arrived)).isEqualTo(1);
        assertThat(ship.started(begun)).isEqualTo(1);
        assertThat(ship.present()).isEqualTo(1);
        assertThat(world.images().claims().owners())
                .hasSize(2)
                .allMatch(owner -> owner.generation() == (owner.container().equals(arrived) ? 2 : 1));
    }

    @Test
    void whenTheNodeIsActiveAgainTheRestStays() {
        for (int n = 0; n < 8; n++) {
            stubborn("some" + n, 2);
        }
        drain();
        World.await("some are being stopped", () -> count("move where resume") > 0);
        world.fleet().want("ship", Availability.ACTIVE, Instant.now());
        World.await("those have moved", () -> count("move") == 0);
        assertThat(tug.present()).isBetween(1L, 4L);
        assertThat(ship.present()).isEqualTo(8 - tug.present());
        assertThat(world.get("/containers/json").body()).hasSize(8);
        World.await("no reasons", () -> errors().isEmpty());
    }

    @Test
    void afterTheDeadlineNothingMoves() {
        run("late", ANEW, "");
        world.fleet().want("tug", Availability.ACTIVE, Instant.now());
        world.fleet().want("ship", Availability.DRAIN, Instant.now().minus(Duration.ofMinutes(11)));
        World.await("it says why", () -> errors().containsKey("late"));
        assertThat(errors()).isEqualTo(Map.of("late", "stays: it was not moved in time: the drain's deadline is over"));
        assertThat(ship.started(ContainerId.parse(
                        world.get("/containers/late/json").body().path("Id").asString())))
                .isEqualTo(1);
        assertThat(count("move")).isZero();
        // Set to drain once more, it has time again.
        drain();
        World.await("it has moved", () -> isOn(TUG, "late"));
    }

    @Test
    void ofANodeThatIsDownNothingIsStartedElsewhere() {
        run("lost", ANEW, "");
        world.fleet().down("ship", true);
        drain();
        World.await("it says why", () -> errors().containsKey("lost"));
        assertThat(errors())
                .isEqualTo(Map.of(
                        "lost",
                        "stays: node ship is down: nobody can stop it there, and it may still run, so it is not started"
                                + " elsewhere"));
        assertThat(tug.present()).isZero();
        world.fleet().down("ship", false);
        World.await("it has moved", () -> isOn(TUG, "lost") && runs("lost"));
    }

    @Test
    void whatAUserStopsMeanwhileStaysStopped() {
        ContainerId id = stubborn("stopped", 3);
        drain();
        awaitStopping("stopped");
        assertThat(world.post("/containers/stopped/stop?t=0").status()).isEqualTo(204);
        World.await("it has moved", () -> isOn(TUG, "stopped"));
        assertThat(runs("stopped")).isFalse();
        assertThat(tug.started(id)).isZero();
        assertThat(world.post("/containers/stopped/start").status()).isEqualTo(204);
        assertThat(tug.started(id)).isEqualTo(1);
    }

    /** The drain comes to one whose grace runs already. */
    @Test
    void whatAUserIsStoppingStaysStopped() throws InterruptedException {
        ContainerId id = stubborn("ending", 30);
        Thread user = Thread.ofVirtual().start(() -> world.post("/containers/ending/stop?t=3"));
        assertThat(world.actions(id.value(), 3)).contains("kill");
        drain();
        awaitStopping("ending");
        user.join();
        World.await("it has moved", () -> isOn(TUG, "ending"));
        assertThat(runs("ending")).isFalse();
        assertThat(tug.started(id)).isZero();
    }

    @Test
    void whatAUserRemovesMeanwhileIsGoneEverywhere() {
        stubborn("removed", 3);
        drain();
        awaitStopping("removed");
        assertThat(world.call("DELETE", "/containers/removed?force=1", null).status())
                .isEqualTo(204);
        World.await("nothing is left of it", () -> count("move") + count("container") == 0);
        assertThat(ship.present() + tug.present()).isZero();
    }

    /** What was on its way from it is where its row has it: on a node that is no more. What has arrived is not touched by that. */
    @Test
    void theNodeIsRemovedMeanwhile() {
        world.join("raft", Map.of());
        World.await(
                "raft takes some",
                () -> create("there", "\"io.longshore.placement.constraint\": \"node.hostname==raft\"", "")
                                .status()
                        == 201);
        world.images().claims().take(new Owner(id("there"), 2));
        world.fleet().leave("raft");
        world.database()
                .jdbc()
                .sql("insert into move (container, project, generation, source, target, resume, arrived, cpu_nanos,"
                        + " memory_bytes, host_ports) select id, project, 2, node, 'id-of-tug', false, false, 0, 0, '{}'"
                        + " from container")
                .update();
        World.await("it is not on its way any more", () -> count("move") == 0);
        assertThat(node("there")).isEqualTo("id-of-raft");
        World.await("one claim", () -> world.images().claims().size() == 1);
        world.database()
                .jdbc()
                .sql("update container set node = 'id-of-tug', version = version + 1")
                .update();
    }

    private static ContainerId id(String name) {
        return ContainerId.parse(
                world.get("/containers/" + name + "/json").body().path("Id").asString());
    }

    /** As when a replica has started it on the node that it has left meanwhile. */
    @Test
    void whatANodeHasOfAnotherGeneration() {
        ContainerId id = run("moved", ANEW, "");
        ContainerSpec spec = spec(id);
        drain();
        World.await("it has moved", () -> isOn(TUG, "moved") && ship.present() == 0);
        ship.apply(World.caller(), id, new ApplyRequest(ship.highestEpoch(World.caller()), spec, 1));
        World.await("one is too many", () -> ship.present() == 0);
        assertThat(runs("moved")).isTrue();
    }

    @Test
    void whatAUserChangesMeanwhileIsChanged() {
        ContainerId id = stubborn("before", 2);
        drain();
        awaitStopping("before");
        assertThat(world.post("/containers/before/rename?name=after").status()).isEqualTo(204);
        assertThat(world.call("POST", "/containers/after/update", "{\"CpuShares\": 77}")
                        .status())
                .isEqualTo(200);
        World.await("it has moved", () -> isOn(TUG, "after") && runs("after"));
        assertThat(tug.spec(id).resources().cpuShares()).isEqualTo(77);
    }

    @Test
    void aDrainedNodeTakesNoNewContainers() {
        world.fleet().want("ship", Availability.DRAIN, Instant.now());
        World.await(
                "nobody takes one",
                () -> create("", "", "")
                        .message()
                        .equals(
                                "no suitable node: availability pause: 1 of 2 (tug); availability drain: 1 of 2 (ship)"));
        world.fleet().want("tug", Availability.ACTIVE, Instant.now());
        World.await("tug does", () -> create("new", "", "").status() == 201);
        assertThat(node("new")).isEqualTo(TUG.value());
    }
}
