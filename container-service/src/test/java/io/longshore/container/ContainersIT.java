package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import io.longshore.testworld.agent.TestAgent;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Engine's paths over HTTP, on PostgreSQL, with an agent in memory. Each case leaves nothing behind. */
class ContainersIT {
    @TempDir
    static Path directory;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(directory);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @AfterEach
    void nothingIsLeft() {
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
        assertThat(world.database()
                        .jdbc()
                        .sql("select count(*) from container")
                        .query(Integer.class)
                        .single())
                .isZero();
        World.await(
                "claims given up",
                () -> world.images().claims().size()
                                + world.networks().claims().size()
                                + world.volumes().claims().size()
                        == 0);
        assertThat(world.volumes().names()).isEmpty();
        assertThat(world.agent().present()).isZero();
    }

    @Test
    void anUpdateTellsWhatTheNodeCannotKeep() {
        String id = world.create("", "sleep");
        Answer answer =
                world.call("POST", "/containers/" + id + "/update", "{\"CpuShares\": 300, \"BlkioWeight\": 300}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("Warnings")).hasSize(1);
        assertThat(answer.body().path("Warnings").path(0).asString()).contains("Weight discarded");
        var host = world.get("/containers/" + id + "/json").body().path("HostConfig");
        assertThat(host.path("CpuShares").asInt()).isEqualTo(300);
        assertThat(host.path("BlkioWeight").asInt()).isZero();
    }

    @Test
    void aRunFromCreateToRemoval() {
        String id = world.create("first", "exit", "3");
        assertThat(world.state(id).path("Status").asString()).isEqualTo("created");
        assertThat(world.post("/containers/first/start").status()).isEqualTo(204);
        Answer waited = world.post("/containers/" + id.substring(0, 12) + "/wait");
        assertThat(waited.status()).isEqualTo(200);
        assertThat(waited.body().path("StatusCode").asInt()).isEqualTo(3);
        assertThat(world.state(id).path("ExitCode").asInt()).isEqualTo(3);
        assertThat(world.state(id).path("Status").asString()).isEqualTo("exited");
        assertThat(world.call("DELETE", "/containers/" + id, null).status()).isEqualTo(204);
        Answer gone = world.get("/containers/" + id + "/json");
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.message()).isEqualTo("No such container: " + id);
        assertThat(world.actions(id, 4)).containsExactly("create", "start", "die", "destroy");
    }

    @Test
    void waitNeverSeesThePast() {
        for (int round = 0; round < 60; round++) {
            String id = world.create("", "exit", "7");
            assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
            assertThat(world.state(id).path("StartedAt").asString()).isNotEqualTo("0001-01-01T00:00:00Z");
            assertThat(world.post("/containers/" + id + "/wait")
                            .body()
                            .path("StatusCode")
                            .asInt())
                    .isEqualTo(7);
            assertThat(world.state(id).path("Running").asBoolean()).isFalse();
            assertThat(world.call("DELETE", "/containers/" + id, null).status()).isEqualTo(204);
            assertThat(world.actions(id, 4)).containsExactly("create", "start", "die", "destroy");
        }
    }

    @Test
    void waitBeforeStartGetsItsHeadAtOnceAndItsBodyAtTheEnd() throws Exception {
        String id = world.create("", "exit", "5");
        try (ByteStream waiting = world.streams()
                .download(World.caller(), StreamRequest.post("/containers/" + id + "/wait?condition=next-exit"))) {
            CompletableFuture<String> body = CompletableFuture.supplyAsync(
                    () -> read(waiting), task -> Thread.ofVirtual().start(task));
            assertThat(body).isNotDone();
            world.post("/containers/" + id + "/start");
            assertThat(body.get(10, TimeUnit.SECONDS)).isEqualTo("{\"StatusCode\":5}");
        }
    }

    @Test
    void autoRemoveAnswersTheExitCodeToWhoWaitsForTheRemoval() throws Exception {
        String id = world.createWith("gone", "data", "\"AutoRemove\": true", "exit", "9");
        assertThat(world.volumes().names()).hasSize(1);
        try (ByteStream waiting = world.streams()
                .download(World.caller(), StreamRequest.post("/containers/" + id + "/wait?condition=removed"))) {
            world.post("/containers/" + id + "/start");
            assertThat(read(waiting)).isEqualTo("{\"StatusCode\":9}");
        }
        assertThat(world.get("/containers/gone/json").status()).isEqualTo(404);
        assertThat(world.actions(id, 4)).containsExactly("create", "start", "die", "destroy");
    }

    @Test
    void attachBeforeStartGetsAllOutputAndEndsAfterTheCommit() throws Exception {
        for (int round = 0; round < 40; round++) {
            attachAndRun();
        }
    }

    private static void attachAndRun() throws IOException {
        String id = world.create("", "echo", "hello");
        try (Duplex attached = world.streams()
                .duplex(
                        World.caller(),
                        StreamRequest.post("/containers/" + id + "/attach?stream=1&stdout=1&stderr=1"))) {
            world.post("/containers/" + id + "/start");
            byte[] output = attached.input().readAllBytes();
            assertThat(new String(output, 8, output.length - 8, StandardCharsets.UTF_8))
                    .isEqualTo("hello\n");
            assertThat(world.state(id).path("Status").asString()).isEqualTo("exited");
        }
        try (ByteStream log = world.streams()
                .download(World.caller(), StreamRequest.get("/containers/" + id + "/logs?stdout=1&stderr=1"))) {
            assertThat(read(log)).endsWith("hello\n");
        }
        assertThat(world.actions(id, 4)).containsExactly("create", "attach", "start", "die");
    }

    @Test
    void inputGoesThroughWithItsHalfClose() throws Exception {
        String id = world.create("", "cat");
        try (Duplex attached = world.streams()
                .duplex(
                        World.caller(),
                        StreamRequest.post("/containers/" + id + "/attach?stream=1&stdin=1&stdout=1"))) {
            world.post("/containers/" + id + "/start");
            attached.output().write("there and back".getBytes(StandardCharsets.UTF_8));
            attached.shutdownOutput();
            assertThat(read(attached)).endsWith("there and back");
        }
        assertThat(world.state(id).path("ExitCode").asInt()).isZero();
    }

    @Test
    void stopKillAndRestart() {
        String id = world.create("worker", "sleep");
        assertThat(world.post("/containers/worker/stop").status()).isEqualTo(304);
        Answer early = world.post("/containers/worker/kill");
        assertThat(early.status()).isEqualTo(409);
        assertThat(early.message()).isEqualTo("cannot kill container: worker: container " + id + " is not running");
        world.post("/containers/worker/start");
        assertThat(world.post("/containers/worker/start").status()).isEqualTo(304);
        assertThat(world.post("/containers/worker/restart?t=1").status()).isEqualTo(204);
        assertThat(world.post("/containers/worker/stop").status()).isEqualTo(204);
        assertThat(world.state(id).path("ExitCode").asInt()).isEqualTo(143);
        world.post("/containers/worker/start");
        assertThat(world.post("/containers/worker/kill?signal=HUP").status()).isEqualTo(204);
        World.await("the end by SIGHUP", () -> !world.state(id).path("Running").asBoolean());
        assertThat(world.state(id).path("ExitCode").asInt()).isEqualTo(129);
        assertThat(world.post("/containers/worker/kill?signal=WHAT").message()).contains("WHAT");
        assertThat(world.actions(id, 13))
                .containsExactly(
                        "create", "start", "kill", "die", "stop", "start", "restart", "kill", "die", "stop", "start",
                        "kill", "die");
    }

    @Test
    void removalOfARunningOneNeedsForce() {
        String id = world.create("", "stubborn");
        world.post("/containers/" + id + "/start");
        Answer refused = world.call("DELETE", "/containers/" + id, null);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.message()).startsWith("You cannot remove a running container " + id);
        assertThat(world.call("DELETE", "/containers/" + id + "?force=1", null).status())
                .isEqualTo(204);
        assertThat(world.actions(id, 5)).containsExactly("create", "start", "kill", "die", "destroy");
    }

    @Test
    void namesAreUniqueAndCanBeChanged() {
        String id = world.create("one", "true");
        Answer taken = world.call(
                "POST",
                "/containers/create?name=one",
                "{\"Image\": \"busybox\", \"HostConfig\": {\"NetworkMode\": \"none\"}}");
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.message())
                .isEqualTo("Conflict. The container name \"/one\" is already in use by container \"" + id
                        + "\". You have to remove (or rename) that container to be able to reuse that name.");
        String other = world.create("", "true");
        assertThat(world.post("/containers/" + other + "/rename?name=one").status())
                .isEqualTo(409);
        assertThat(world.post("/containers/one/rename?name=two").status()).isEqualTo(204);
        assertThat(world.get("/containers/" + id + "/json").body().path("Name").asString())
                .isEqualTo("/two");
        assertThat(world.get("/containers/one/json").status()).isEqualTo(404);
        assertThat(world.post("/containers/two/rename?name=").status()).isEqualTo(400);
        assertThat(world.post("/containers/two/rename?name=a%20b").message()).contains("a b");
    }

    @Test
    void aRowThatSomebodyElseHasChangedIsReadAnew() {
        String id = world.create("first", "sleep");
        assertThat(name(id)).isEqualTo("/first");
        change("update container set name = 'second', version = version + 1 where id = :id", id);
        assertThat(name(id)).isEqualTo("/second");
        // As in a database that lost commits and counts the same versions again.
        change("update container set name = 'third' where id = :id", id);
        assertThat(name(id)).isEqualTo("/third");
        change("update container set name = 'fourth', version = version - 1 where id = :id", id);
        assertThat(name(id)).isEqualTo("/fourth");
        change("update container set project = 'other', version = version + 1 where id = :id", id);
        assertThat(world.get("/containers/" + id + "/json").status()).isEqualTo(404);
        change("update container set project = 'default', version = version + 1 where id = :id", id);
        assertThat(name(id)).isEqualTo("/fourth");
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        assertThat(world.call("DELETE", "/containers/" + id + "?force=1", null).status())
                .isEqualTo(204);
        assertThat(world.get("/containers/" + id + "/json").status()).isEqualTo(404);
    }

    private static String name(String id) {
        return world.get("/containers/" + id + "/json").body().path("Name").asString();
    }

    private static void change(String statement, String id) {
        assertThat(world.database().jdbc().sql(statement).param("id", id).update())
                .isEqualTo(1);
    }

    @Test
    void aCommandThatCannotBeExecuted() {
        String id = world.create("", "missing");
        Answer failed = world.post("/containers/" + id + "/start");
        assertThat(failed.status()).isEqualTo(400);
        assertThat(failed.message()).contains("executable file not found");
        assertThat(world.state(id).path("Status").asString()).isEqualTo("created");
        assertThat(world.state(id).path("ExitCode").asInt()).isEqualTo(127);
        assertThat(world.state(id).path("Error").asString()).contains("executable file not found");
        assertThat(world.actions(id, 1)).containsExactly("create");
    }

    @Test
    void anUnknownNetworkIsRefusedAtStart() {
        String body = "{\"Image\": \"busybox\", \"Cmd\": [\"true\"], \"HostConfig\": {\"NetworkMode\": \"far\"";
        String id = create(body + "}}").body().path("Id").asString();
        Answer failed = world.post("/containers/" + id + "/start");
        assertThat(failed.status()).isEqualTo(404);
        assertThat(failed.message()).isEqualTo("network far not found");
        assertThat(world.state(id).path("Status").asString()).isEqualTo("created");
        assertThat(world.state(id).path("ExitCode").asInt()).isEqualTo(128);
        assertThat(world.state(id).path("Error").asString()).isEqualTo("network far not found");
        assertThat(world.call("DELETE", "/containers/" + id, null).status()).isEqualTo(204);
        String removesItself =
                create(body + ", \"AutoRemove\": true}}").body().path("Id").asString();
        assertThat(world.post("/containers/" + removesItself + "/start").status())
                .isEqualTo(404);
        assertThat(world.get("/containers/" + removesItself + "/json").message())
                .isEqualTo("No such container: " + removesItself);
    }

    @Test
    void sizesAreMeasuredWhenAskedFor() {
        String id = world.create("", "true");
        assertThat(world.get("/containers/" + id + "/json").body().has("SizeRw"))
                .isFalse();
        assertThat(world.get("/containers/json?all=1").body().path(0).has("SizeRw"))
                .isFalse();
        for (var sized : List.of(
                world.get("/containers/" + id + "/json?size=1").body(),
                world.get("/containers/json?all=1&size=1").body().path(0))) {
            assertThat(sized.path("SizeRw").asLong()).isEqualTo(TestAgent.OWN_BYTES);
            assertThat(sized.path("SizeRootFs").asLong()).isGreaterThan(TestAgent.OWN_BYTES);
        }
        assertThat(world.call("DELETE", "/containers/" + id, null).status()).isEqualTo(204);
    }

    @Test
    void createRefusesAndLeavesNothing() {
        assertThat(create("{\"Image\": \"nope\", \"HostConfig\": {\"NetworkMode\": \"none\"}}")
                        .message())
                .isEqualTo("No such image: nope:latest");
        assertThat(create("{\"Image\": \"busybox\"").status()).isEqualTo(400);
        assertThat(world.call("POST", "/containers/create?name=a", "{\"Image\": \"busybox\"}")
                        .message())
                .contains("Invalid container name (a)");
        world.volumes().failing(true);
        try {
            assertThat(create("{\"Image\": \"data\", \"HostConfig\": {\"NetworkMode\": \"none\"}}")
                            .status())
                    .isEqualTo(503);
        } finally {
            world.volumes().failing(false);
        }
        assertThat(world.get("/containers/json?all=1").body().size()).isZero();
    }

    private static Answer create(String body) {
        return world.call("POST", "/containers/create", body);
    }

    @Test
    void listsWithFilters() {
        String running = world.createWith("up", "busybox", "", "sleep");
        String created = world.createWith("down", "data", "", "sleep");
        world.post("/containers/up/start");
        assertThat(ids("")).containsExactly(running);
        assertThat(ids("all=1")).containsExactly(created, running);
        assertThat(ids("limit=1")).containsExactly(created);
        assertThat(ids("filters=" + encode("{\"status\":[\"created\"]}"))).containsExactly(created);
        assertThat(ids("all=1&filters=" + encode("{\"ancestor\":{\"data\":true}}")))
                .containsExactly(created);
        assertThat(ids("filters=" + encode("{\"before\":[\"down\"]}"))).containsExactly(running);
        assertThat(ids("filters=" + encode("{\"since\":[\"up\"]}"))).isEmpty();
        assertThat(ids("all=1&filters=" + encode("{\"since\":[\"up\"]}"))).containsExactly(created);
        assertThat(ids("filters=" + encode("{\"exited\":[\"0\"]}"))).isEmpty();
        assertThat(ids("all=1&filters=" + encode("{\"volume\":[\"/data\"]}"))).containsExactly(created);
        assertThat(world.get("/containers/json?filters=" + encode("{\"colour\":[\"red\"]}"))
                        .message())
                .isEqualTo("invalid filter 'colour'");
        var summary = world.get("/containers/json").body().get(0);
        assertThat(summary.path("Status").asString()).startsWith("Up ");
        assertThat(summary.path("Names").get(0).asString()).isEqualTo("/up");
        var counts = world.get("/internal/containers/count").body();
        assertThat(counts.path("total").asInt()).isEqualTo(2);
        assertThat(counts.path("running").asInt()).isEqualTo(1);
        assertThat(counts.path("stopped").asInt()).isEqualTo(1);
    }

    @Test
    void theListShowsTheIdOfAnImageWhoseNameLeadsElsewhere() {
        world.createWith("named", "busybox", "", "sleep");
        assertThat(world.get("/containers/json?all=1")
                        .body()
                        .get(0)
                        .path("Image")
                        .asString())
                .isEqualTo("busybox");
        Digest before = world.images().retag(Digest.ofHex("e5".repeat(32)));
        try {
            assertThat(world.get("/containers/json?all=1")
                            .body()
                            .get(0)
                            .path("Image")
                            .asString())
                    .isEqualTo(before.value());
        } finally {
            world.images().retag(before);
        }
    }

    @Test
    void pruneRemovesWhatDoesNotRun() {
        String running = world.create("", "sleep");
        String created = world.create("", "sleep");
        world.post("/containers/" + running + "/start");
        assertThat(world.post("/containers/prune?filters=" + encode("{\"until\":[\"1h\"]}"))
                        .body()
                        .path("ContainersDeleted")
                        .size())
                .isZero();
        var pruned = world.post("/containers/prune?filters=" + encode("{\"label!\":[\"keep\"]}"))
                .body();
        assertThat(pruned.path("ContainersDeleted").get(0).asString()).isEqualTo(created);
        assertThat(pruned.path("SpaceReclaimed").asLong()).isEqualTo(TestAgent.OWN_BYTES);
        assertThat(world.actions("", 2)).containsExactly("prune", "prune");
        assertThat(world.state(running).path("Running").asBoolean()).isTrue();
        assertThat(world.post("/containers/prune?filters=" + encode("{\"status\":[\"x\"]}"))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void volumesStayUnlessTheyAreToGo() {
        String id = world.createWith("", "data", "", "true");
        assertThat(world.get("/containers/" + id + "/json")
                        .body()
                        .path("Mounts")
                        .get(0)
                        .path("Destination")
                        .asString())
                .isEqualTo("/data");
        String stays = world.createWith("", "data", "", "true");
        world.call("DELETE", "/containers/" + stays, null);
        assertThat(world.volumes().names()).hasSize(2);
        world.call("DELETE", "/containers/" + id + "?v=1", null);
        assertThat(world.volumes().names()).hasSize(1);
        world.volumes().clear();
    }

    @Test
    void anEndBehindEverybodysBackIsTold() {
        String id = world.create("", "sleep");
        world.post("/containers/" + id + "/start");
        world.agent().crash(ContainerId.parse(id), 11);
        World.await("exit code 11", () -> world.state(id).path("ExitCode").asInt() == 11);
        assertThat(world.actions(id, 3)).containsExactly("create", "start", "die");
    }

    @Test
    void manyAtOnce() throws Exception {
        List<CompletableFuture<Void>> clients = java.util.stream.IntStream.range(0, 32)
                .mapToObj(n -> CompletableFuture.runAsync(
                        () -> {
                            for (int round = 0; round < 5; round++) {
                                String id =
                                        world.createWith("", "busybox", "\"AutoRemove\": " + (n % 2 == 0), "exit", "4");
                                world.post("/containers/" + id + "/start");
                                if (n % 2 == 1) {
                                    world.post("/containers/" + id + "/wait");
                                    world.call("DELETE", "/containers/" + id, null);
                                }
                                assertThat(world.actions(id, 4)).containsExactly("create", "start", "die", "destroy");
                            }
                        },
                        task -> Thread.ofVirtual().start(task)))
                .toList();
        for (CompletableFuture<Void> client : clients) {
            client.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void unknownConditionAndContainer() {
        String id = world.create("", "true");
        assertThat(world.post("/containers/" + id + "/wait?condition=never").status())
                .isEqualTo(400);
        assertThat(world.post("/containers/nobody/wait").message()).isEqualTo("No such container: nobody");
        assertThat(world.get("/containers/" + id + "/logs").message())
                .isEqualTo("Bad parameters: you must choose at least one stream");
    }

    private static List<String> ids(String query) {
        var body = world.get("/containers/json?" + query).body();
        return body.valueStream().map(one -> one.path("Id").asString()).toList();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String read(ByteStream stream) {
        try {
            return new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failure.Internal("cut", e);
        }
    }
}
