package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.testworld.World;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a crash, a lost node or a restored database leaves, and what becomes of it. */
class RecoveryIT {
    @TempDir
    static Path directory;

    private static World world;
    private static JdbcClient jdbc;

    @BeforeAll
    static void start() {
        world = new World(directory);
        jdbc = world.database().jdbc();
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @Test
    void whatEndsWhileTheServiceIsAwayIsMadeUpFor() {
        String ended = world.create("", "sleep");
        String runs = world.create("", "sleep");
        world.post("/containers/" + ended + "/start");
        world.post("/containers/" + runs + "/start");
        long epoch = epoch();
        world.restart(() -> world.agent().crash(ContainerId.parse(ended), 21));
        World.await("the missed end", () -> world.state(ended).path("ExitCode").asInt() == 21);
        assertThat(world.state(runs).path("Running").asBoolean()).isTrue();
        assertThat(world.actions(ended, 3)).containsExactly("create", "start", "die");
        assertThat(epoch()).isGreaterThan(epoch);
        assertThat(world.post("/containers/" + runs + "/kill").status()).isEqualTo(204);
        remove(ended, runs);
    }

    @Test
    void aStartWhoseCommitWasLostIsMadeUpFor() {
        String id = world.create("", "sleep");
        ContainerSpec spec = store().byId(ContainerId.parse(id)).orElseThrow().resolved();
        world.restart(() -> world.agent()
                .apply(World.caller(), ContainerId.parse(id), new ApplyRequest(Long.MAX_VALUE / 2, spec, 1)));
        World.await("the start", () -> world.state(id).path("Running").asBoolean());
        assertThat(world.actions(id, 2)).containsExactly("create", "start");
        assertThat(world.post("/containers/" + id + "/kill").status()).isEqualTo(204);
        remove(id);
    }

    @Test
    void anUpdateWhoseAnswerWasLostIsTakenBack() {
        String id = world.create("", "sleep");
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        world.agent().loseAnAnswer();
        long wanted = 64L << 20;
        assertThat(world.call("POST", "/containers/" + id + "/update", "{\"Memory\":" + wanted + ",\"MemorySwap\":-1}")
                        .status())
                .isEqualTo(503);
        assertThat(memory(id)).isEqualTo(wanted);
        World.await("the node to have the row's limit", () -> memory(id) == 0);
        assertThat(world.call("POST", "/containers/" + id + "/update", "{\"Memory\":" + wanted + ",\"MemorySwap\":-1}")
                        .status())
                .isEqualTo(200);
        assertThat(memory(id)).isEqualTo(wanted);
        assertThat(jdbc.sql("select count(*) from container.container where updating_since is not null")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(world.post("/containers/" + id + "/kill").status()).isEqualTo(204);
        remove(id);
    }

    /** A container whose connect to the network "lan" ended after the claim. */
    private static String cutOffInConnecting() {
        String id = world.create("", "sleep");
        Owner owner = store().byId(ContainerId.parse(id)).orElseThrow().owner();
        store().updating(owner.container());
        world.networks()
                .claim(
                        World.caller(),
                        new NetworkClaim(owner, new NodeId("test"), List.of(NetworkClaim.Wanted.anyOf("lan"))));
        return id;
    }

    private static List<Owner> onLan() {
        return world.networks().owners(World.caller(), "lan", null, null);
    }

    @Test
    void whatAConnectThatWasCutOffHadClaimedIsGivenUp() {
        String id = cutOffInConnecting();
        World.await("the endpoint to be given up", () -> onLan().isEmpty());
        remove(id);
    }

    /** The next change ends with the mark of the one that was cut off, so that it has to see to that, too. */
    @Test
    void whatACutOffConnectHadClaimedIsGivenUpByTheNextChange() {
        String id = cutOffInConnecting();
        assertThat(world.call("POST", "/containers/" + id + "/update", "{\"CpuShares\":512}")
                        .status())
                .isEqualTo(200);
        assertThat(onLan()).isEmpty();
        remove(id);
    }

    private static long memory(String id) {
        return world.agent().spec(ContainerId.parse(id)).resources().memory();
    }

    @Test
    void aDatabaseThatWasRestoredFromBeforeCommandsAtOnce() {
        String id = world.create("", "sleep");
        // Under the epoch that is in force now, so that the agent has obeyed it.
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        assertThat(world.post("/containers/" + id + "/kill").status()).isEqualTo(204);
        long before = epoch();
        world.restart(() -> jdbc.sql("update shard_lease set epoch = 0").update());
        assertThat(epoch()).isLessThan(before);
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        assertThat(world.post("/containers/" + id + "/kill").status()).isEqualTo(204);
        assertThat(epoch()).isGreaterThan(before);
        remove(id);
    }

    @Test
    void aRemovalWhoseCommitWasLostIsFinished() {
        String id = world.create("", "sleep");
        world.post("/containers/" + id + "/start");
        world.post("/containers/" + id + "/kill");
        world.restart(() -> world.agent().removeOnly(ContainerId.parse(id)));
        World.await(
                "the removal", () -> world.get("/containers/" + id + "/json").status() == 404);
        assertThat(world.actions(id, 5)).containsExactly("create", "start", "kill", "die", "destroy");
        nothingIsHeld();
    }

    @Test
    void aRemovalThatTheAgentDoesNotRememberIsFinished() {
        String id = world.create("", "sleep");
        world.post("/containers/" + id + "/start");
        world.post("/containers/" + id + "/kill");
        world.restart(() -> world.agent().forget());
        World.await(
                "the removal", () -> world.get("/containers/" + id + "/json").status() == 404);
        assertThat(world.actions(id, 5)).containsExactly("create", "start", "kill", "die", "destroy");
        nothingIsHeld();
    }

    @Test
    void aHalfMadeContainerIsUndone() {
        String id = world.createWith("", "data", "", "sleep");
        jdbc.sql("update container set state = 'CREATING', spec = null where id = :id")
                .param("id", id)
                .update();
        assertThat(world.get("/containers/" + id + "/json").status()).isEqualTo(404);
        World.await(
                "the end of the row",
                () -> jdbc.sql("select count(*) from container")
                                .query(Integer.class)
                                .single()
                        == 0);
        World.await("its volumes gone", () -> world.volumes().names().isEmpty());
        nothingIsHeld();
    }

    @Test
    void aHalfDoneRemovalWithVolumesIsFinished() {
        String id = world.createWith("", "data", "", "sleep");
        jdbc.sql("update container set state = 'REMOVING', remove_volumes = true, version = version + 1 where id = :id")
                .param("id", id)
                .update();
        World.await(
                "the removal", () -> world.get("/containers/" + id + "/json").status() == 404);
        World.await("its volumes gone", () -> world.volumes().names().isEmpty());
        assertThat(world.actions(id, 2)).containsExactly("create", "destroy");
        nothingIsHeld();
    }

    @Test
    void whatRemovesItselfAndCouldNotBeStartedIsRemoved() {
        String id = world.createWith("", "busybox", "\"AutoRemove\": true", "missing");
        String observed = "{\"id\": \"" + id + "\", \"generation\": 1, \"revision\": 0, \"status\": \"CREATED\","
                + " \"starts\": 0, \"pid\": 0, \"exitCode\": 127, \"oomKilled\": false, \"error\": \"not found\"}";
        jdbc.sql("update container set observed = cast(:observed as jsonb), version = version + 1 where id = :id")
                .param("id", id)
                .param("observed", observed)
                .update();
        World.await(
                "the removal", () -> world.get("/containers/" + id + "/json").status() == 404);
        nothingIsHeld();
    }

    @Test
    void claimsWithoutAContainerAreGivenUp() {
        Owner nobody = new Owner(ContainerId.random(), 1);
        world.images().claim(World.caller(), new ImageClaim(nobody, "busybox"));
        world.networks()
                .claim(
                        World.caller(),
                        new NetworkClaim(nobody, NodeId.parse("node-1"), List.of(NetworkClaim.Wanted.anyOf("none"))));
        nothingIsHeld();
    }

    @Test
    void whatALostNodeRanHasEndedAndCanBeStartedAgain() {
        String id = world.create("", "sleep");
        world.post("/containers/" + id + "/start");
        world.agent().forget();
        World.await("the loss", () -> !world.state(id).path("Running").asBoolean());
        assertThat(world.state(id).path("ExitCode").asInt()).isEqualTo(137);
        assertThat(world.state(id).path("Error").asString()).contains("node-1 no longer knows this container");
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        assertThat(world.state(id).path("Running").asBoolean()).isTrue();
        assertThat(world.actions(id, 4)).containsExactly("create", "start", "die", "start");
        world.post("/containers/" + id + "/kill");
        remove(id);
    }

    @Test
    void whatTheDatabaseDoesNotKnowIsLeftRunningAndListed() {
        String id = world.create("", "sleep");
        world.post("/containers/" + id + "/start");
        world.restart(() ->
                jdbc.sql("delete from container where id = :id").param("id", id).update());
        World.await(
                "quarantine",
                () -> world.get("/internal/containers/quarantine")
                        .body()
                        .toString()
                        .contains(id));
        assertThat(world.agent().observe(World.caller(), ContainerId.parse(id)).pid())
                .isPositive();
        world.agent().removeOnly(ContainerId.parse(id));
        World.await("claims given up", () -> world.images().claims().size() == 0);
    }

    @Test
    void aDatabaseThatGoesBackWhileTheServiceRunsIsComparedWithTheNodes() {
        String removed = world.create("", "sleep");
        world.post("/containers/" + removed + "/start");
        jdbc.sql("create table backup as select * from container where id = :id")
                .param("id", removed)
                .update();
        String lease = jdbc.sql("select max(expires)::text from shard_lease")
                .query(String.class)
                .single();
        World.await(
                "a renewal",
                () -> jdbc.sql("select max(expires) > cast(:then as timestamptz) from shard_lease")
                        .param("then", lease)
                        .query(Boolean.class)
                        .single());
        long epoch = epoch();
        assertThat(world.call("DELETE", "/containers/" + removed + "?force=1", null)
                        .status())
                .isEqualTo(204);
        String made = world.create("", "sleep");
        world.post("/containers/" + made + "/start");

        jdbc.sql(
                        "with back as (insert into container select * from backup), gone as (delete from container where id = :made)"
                                + " update shard_lease set expires = cast(:then as timestamptz) where holder is not null")
                .param("made", made)
                .param("then", lease)
                .update();
        World.await("the loss", () -> !world.state(removed).path("Running").asBoolean());
        assertThat(world.state(removed).path("Error").asString()).contains("node-1 no longer knows this container");
        World.await(
                "quarantine",
                () -> world.get("/internal/containers/quarantine")
                        .body()
                        .toString()
                        .contains(made));
        assertThat(world.agent()
                        .observe(World.caller(), ContainerId.parse(made))
                        .pid())
                .isPositive();
        assertThat(epoch()).isGreaterThan(epoch);
        jdbc.sql("drop table backup").update();
        world.agent().removeOnly(ContainerId.parse(made));
        remove(removed);
    }

    private static ContainerStore store() {
        return world.service().context().getBean(ContainerStore.class);
    }

    private static long epoch() {
        return jdbc.sql("select max(epoch) from shard_lease").query(Long.class).single();
    }

    private static void remove(String... ids) {
        for (String id : ids) {
            World.await(
                    "removal of " + id,
                    () -> world.call("DELETE", "/containers/" + id, null).status() == 204);
        }
        nothingIsHeld();
    }

    private static void nothingIsHeld() {
        World.await(
                "claims given up",
                () -> world.images().claims().size()
                                + world.networks().claims().size()
                                + world.volumes().claims().size()
                        == 0);
    }
}
