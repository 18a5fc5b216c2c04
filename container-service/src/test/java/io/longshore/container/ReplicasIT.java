package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.container.lease.ShardLeases;
import io.longshore.contracts.agent.SignalRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.RunningService;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two container-services on one database, with one node. */
class ReplicasIT {
    private static final NodeId NODE = NodeId.parse("node-1");
    private static final int RACES = 200;

    @TempDir
    static Path directory;

    private static World world;
    private static RunningService other;
    private static List<RunningService> both;
    private static JdbcClient jdbc;

    @BeforeAll
    static void start() {
        world = new World(directory);
        jdbc = world.database().jdbc();
        other = world.replica("container-2");
        both = List.of(world.service(), other);
    }

    @AfterAll
    static void stop() throws IOException {
        other.close();
        world.close();
    }

    @AfterEach
    void nothingIsLeft() {
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
        World.await("nothing on the node", () -> world.agent().present() == 0);
        World.await("no rows", () -> count("container") == 0);
        World.await(
                "no claims",
                () -> world.images().claims().size()
                                + world.networks().claims().size()
                                + world.volumes().claims().size()
                        == 0);
        assertThat(count("restart")).isZero();
    }

    private static int count(String table) {
        return jdbc.sql("select count(*) from " + table).query(Integer.class).single();
    }

    /** The same of both at once; the answers' statuses, the first replica's first. */
    private static List<Answer> race(Callable<Answer> one, Callable<Answer> another) throws Exception {
        CyclicBarrier line = new CyclicBarrier(2);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> answers = new ArrayList<>();
            for (Callable<Answer> call : List.of(one, another)) {
                answers.add(threads.submit(() -> {
                    line.await();
                    return call.call();
                }));
            }
            return List.of(answers.getFirst().get(), answers.getLast().get());
        }
    }

    private static List<Integer> raced(String method, String target) throws Exception {
        List<Answer> answers = race(
                () -> world.call(both.getFirst(), method, target, null),
                () -> world.call(both.getLast(), method, target, null));
        return answers.stream().map(Answer::status).sorted().toList();
    }

    @Test
    void startedStoppedAndRemovedThroughTwoAtOnceEachIsDoneOnce() throws Exception {
        for (int race = 0; race < RACES; race++) {
            String id = world.createWith("", race % 4 == 0 ? "data" : "busybox", "", "sleep");
            String path = "/containers/" + id;
            assertThat(raced("POST", path + "/start"))
                    .as("start")
                    .isSubsetOf(204, 304)
                    .contains(204);
            assertThat(world.agent().started(ContainerId.parse(id))).isEqualTo(1);
            assertThat(world.state(id).path("Status").asString()).isEqualTo("running");
            if (race % 2 == 0) {
                assertThat(raced("POST", path + "/stop"))
                        .as("stop")
                        .isSubsetOf(204, 304)
                        .contains(204);
                assertThat(world.state(id).path("Status").asString()).isEqualTo("exited");
            }
            assertThat(raced("DELETE", path + "?force=1&v=1"))
                    .as("remove")
                    .isSubsetOf(204, 404, 409)
                    .contains(204);
            assertThat(world.get(path + "/json").status()).isEqualTo(404);
        }
        assertThat(count("container")).isZero();
        assertThat(world.agent().present()).isZero();
    }

    @Test
    void aStartAndARemovalAtOnceLeaveAContainerOrNone() throws Exception {
        for (int race = 0; race < RACES / 4; race++) {
            String id = world.create("", "sleep");
            String path = "/containers/" + id;
            List<Answer> answers = race(
                    () -> world.call(both.getFirst(), "POST", path + "/start", null),
                    () -> world.call(both.getLast(), "DELETE", path, null));
            boolean removed = answers.getLast().status() == 204;
            assertThat(answers.getFirst().status()).isIn(204, 404, 409);
            assertThat(answers.getLast().status()).isIn(204, 409);
            if (removed) {
                assertThat(world.get(path + "/json").status()).isEqualTo(404);
                World.await("nothing on the node", () -> world.agent().present() == 0);
            } else {
                assertThat(world.state(id).path("Status").asString()).isEqualTo("running");
                assertThat(world.call(both.getLast(), "DELETE", path + "?force=1", null)
                                .status())
                        .isEqualTo(204);
            }
        }
    }

    @Test
    void whoWaitsIsToldOfTheEndWhicheverReplicaSawIt() throws Exception {
        for (int number = 0; number < 3; number++) {
            String id = world.create("", "sleep");
            assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
            Callable<Answer> end = () -> {
                world.agent().crash(ContainerId.parse(id), 3);
                return world.call(both.getFirst(), "POST", "/containers/" + id + "/wait", null);
            };
            List<Answer> answers =
                    race(end, () -> world.call(both.getLast(), "POST", "/containers/" + id + "/wait", null));
            assertThat(answers)
                    .allMatch(answer -> answer.body().path("StatusCode").asInt() == 3);
        }
    }

    /** The database was restored to before a container, and the lease is another replica's since: what that has kept of its row is no more true. */
    @Test
    void whoTakesALeaseOverBelievesNoRowThatItHasKept() {
        int shard = ShardLeases.shard(NODE);
        String holder = holder(shard);
        RunningService next = holder.endsWith(world.service().socket().toString()) ? other : world.service();
        String successor = holder.substring(0, holder.indexOf(':') + 1) + next.socket();
        String id = world.create("", "sleep");
        world.call(next, "POST", "/containers/" + id + "/start", null);
        assertThat(world.call(next, "GET", "/containers/" + id + "/json", null).status())
                .isEqualTo(200);
        jdbc.sql("with gone as (delete from container where id = :id) update shard_lease set holder = :successor"
                        + " where shard = :shard")
                .param("id", id)
                .param("successor", successor)
                .param("shard", shard)
                .update();
        World.await(
                "quarantine",
                () -> world.get("/internal/containers/quarantine")
                        .body()
                        .toString()
                        .contains(id));
        assertThat(holder(shard)).isEqualTo(successor);
        world.agent().removeOnly(ContainerId.parse(id));
    }

    @Test
    void aNameIsOfOneContainer() throws Exception {
        String body = "{\"Image\": \"busybox\", \"Cmd\": [\"sleep\"], \"HostConfig\": {\"NetworkMode\": \"none\"}}";
        for (int race = 0; race < RACES / 8; race++) {
            String target = "/containers/create?name=same" + race;
            List<Answer> answers = race(
                    () -> world.call(both.getFirst(), "POST", target, body),
                    () -> world.call(both.getLast(), "POST", target, body));
            assertThat(answers).extracting(Answer::status).containsExactlyInAnyOrder(201, 409);
        }
        assertThat(count("container")).isEqualTo(RACES / 8);
    }

    @Test
    void aRestartOfOneThatRemovesItselfIsNotItsEndForTheOther() {
        for (int restart = 0; restart < 10; restart++) {
            // One of the two follows the node, and sees the end; the other one restarts.
            for (RunningService replica : both) {
                String id = world.createWith("", "busybox", "\"AutoRemove\": true", "sleep");
                assertThat(world.call(replica, "POST", "/containers/" + id + "/start", null)
                                .status())
                        .isEqualTo(204);
                Answer restarted = world.call(replica, "POST", "/containers/" + id + "/restart", null);
                assertThat(restarted.status()).as(restarted.message()).isEqualTo(204);
                assertThat(world.state(id).path("Status").asString()).isEqualTo("running");
                assertThat(world.agent().started(ContainerId.parse(id))).isEqualTo(2);
                // Its own end does remove it.
                world.agent().crash(ContainerId.parse(id), 0);
                World.await(
                        "it removed itself",
                        () -> world.get("/containers/" + id + "/json").status() == 404);
            }
        }
    }

    @Test
    void ofTwoOneHoldsALease() throws Exception {
        List<ShardLeases> leases = both.stream()
                .map(service -> service.context().getBean(ShardLeases.class))
                .toList();
        int shards = 0;
        for (int number = 0; shards < ShardLeases.SHARDS / 2; number++) {
            NodeId node = NodeId.parse("race-" + number);
            if (ShardLeases.shard(node) == ShardLeases.shard(NODE) || ShardLeases.shard(node) % 2 == 0) {
                continue;
            }
            shards++;
            List<Boolean> held = new ArrayList<>();
            CyclicBarrier line = new CyclicBarrier(2);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Boolean>> holds = leases.stream()
                        .map(one -> threads.submit(() -> {
                            line.await();
                            return one.hold(node);
                        }))
                        .toList();
                for (Future<Boolean> hold : holds) {
                    held.add(hold.get());
                }
            }
            assertThat(held).as("shard of " + node).containsExactlyInAnyOrder(true, false);
        }
    }

    @Test
    void aTakeOverRaisesTheEpochAndWhatIsBelowItIsRefused() {
        String id = world.create("", "sleep");
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        List<ShardLeases> leases = both.stream()
                .map(service -> service.context().getBean(ShardLeases.class))
                .toList();
        int shard = ShardLeases.shard(NODE);
        World.await("a holder", () -> holder(shard).contains(".sock"));
        boolean first = holder(shard).endsWith(world.service().socket().toString());
        ShardLeases deposed = leases.get(first ? 0 : 1);
        ShardLeases next = leases.get(first ? 1 : 0);
        RunningService late = both.get(first ? 0 : 1);
        RunningService now = both.get(first ? 1 : 0);
        long before = deposed.epoch(NODE);
        World.await("the take-over", () -> {
            // As if the holder had stood still for as long as a lease lasts; it may renew it once more before.
            jdbc.sql("update shard_lease set expires = now() - interval '1 second' where shard = ?")
                    .param(shard)
                    .update();
            return next.hold(NODE);
        });
        long after = next.epoch(NODE);
        assertThat(after).isGreaterThan(before);
        World.await("the deposed one finds out", () -> !deposed.hold(NODE));
        // The agent hears of it by the next command.
        assertThat(world.call(now, "POST", "/containers/" + id + "/restart", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.agent().highestEpoch(World.caller())).isGreaterThanOrEqualTo(after);
        assertThatThrownBy(() ->
                        world.agent().signal(World.caller(), ContainerId.parse(id), new SignalRequest(before, 9, null)))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("epoch " + before + " is below");
        assertThat(world.state(id).path("Status").asString()).isEqualTo("running");
        // What a client asks of the deposed one is commanded under the epoch in force.
        assertThat(world.call(late, "POST", "/containers/" + id + "/stop", null).status())
                .isEqualTo(204);
        assertThat(world.state(id).path("Status").asString()).isEqualTo("exited");
        assertThat(List.of(deposed.epoch(NODE), next.epoch(NODE))).containsExactly(after, after);
    }

    private static String holder(int shard) {
        return jdbc.sql("select coalesce(holder, '') from shard_lease where shard = ?")
                .param(shard)
                .query(String.class)
                .single();
    }
}
